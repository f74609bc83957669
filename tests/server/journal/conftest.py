"""A journal for all that reads one."""

from collections import deque
from pathlib import Path

import numpy as np
import pytest

from models.bundles.files import find_bundle, read_files
from models.inference.served import read_served
from server.journal.journal import Journal
from server.journal.opening import new_cycle
from server.journal.records import JournalRun
from server.journal.writer import Retention
from server.market.cycle import Cycle
from server.market.subscribed import Subscribed
from shared.settings import ServerSettings
from tests.kit.house import DAY_MS, FULL, House, bars
from tools.fuzz.seeds import follower

NOBODY = Subscribed(heatmap=np.zeros(3, np.bool_), bar=np.zeros(3, np.bool_))
DAYS = FULL + 12


@pytest.fixture(scope="package")
def written(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Cycle]:
    """A journal in which three tickers moved at random, and the cycle that wrote it."""
    folder = tmp_path_factory.mktemp("journal")
    model = read_served(read_files(find_bundle("krx-daily")), "krx-daily")
    run_record = JournalRun(
        source="made",
        run_id="run",
        begun_ms=1,
        model_id=model.model_id,
        label_rule="rule",
        files=read_files(find_bundle("krx-daily")),
    )
    journal = Journal(folder, run_record, Retention(days=0, bar_days=100_000))
    cycle = new_cycle(journal, House(follower()).listing, model, ServerSettings())
    random = np.random.default_rng(3)
    for day in range(1, DAYS + 1):
        closes = tuple((100 + random.normal(0, 2, 3)).tolist())
        deque(cycle.run(bars(day, closes, history=day <= FULL), day * DAY_MS, NOBODY), 0)
        for found in journal.settled():
            cycle.say_buys(found)
    cycle.end_history()
    journal.save()
    journal.close()
    return folder, cycle
