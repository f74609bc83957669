from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from models.__main__ import main
from models.commands.audit import describe
from models.data.features.price_volume import PRICE_VOLUME
from models.data.sources.closes import Closes
from models.data.sources.moments import Moments
from models.evaluation.lookahead.audit import Audit, Extent, Planted
from models.evaluation.lookahead.checks import LookaheadCheck

FEW = ["--tickers", "1", "--moments", "1"]


@pytest.fixture
def data(csv_files: Callable[..., list[str]]) -> list[str]:
    return csv_files(tickers=2, bars=110)


def test_a_clean_bundle_leaves_with_0_and_a_page(
    folder: Path, data: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "audit.json"
    assert main(["audit", str(folder), *data, *FEW, "--json", str(file)]) == 0
    page = capsys.readouterr().out
    assert "verdict: nothing looks ahead, and all 7 planted leaks were found" in page
    assert all(f"  {name} " in page for name in PRICE_VOLUME.names)
    found = msgspec.json.decode(file.read_bytes(), type=Audit)
    assert describe(found) + "\n" == page
    assert found.extent == Extent(tickers=1, moments=1)
    assert main(["look", *data]) == 0
    assert page.startswith(capsys.readouterr().out + "\n")


def test_a_leak_leaves_with_70_and_the_page_all_the_same(
    folder: Path,
    data: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # What a reader does that takes the date of a session for the time at which it is known.
    def dates(moments: Moments, *_: object, **__: object) -> Closes:
        none = np.zeros(len(moments.utc_ms), np.bool_)
        return Closes(
            close_ms=moments.utc_ms, no_session=none, outside=none, running=none, stamp="open"
        )

    monkeypatch.setattr("models.data.sources.reader.closes_of", dates)
    assert main(["audit", str(folder), *data, *FEW]) == 70
    said = capsys.readouterr()
    assert "verdict: it looks ahead: bar times session" in said.out
    assert "LEAKS" in said.out
    assert "it looks ahead: bar times session" in said.err


@pytest.mark.parametrize(
    ("flags", "code", "sentence"),
    [
        (["--moments", "0"], 78, "$.moments"),
        (["--json", "absent/audit.json"], 66, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    flags: list[str],
    code: int,
    sentence: str,
    folder: Path,
    data: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["audit", str(folder), *data, *FEW, *flags]) == code
    assert sentence in capsys.readouterr().err


def made(*, leaks: bool = False, caught: bool = True) -> Audit:
    parts = ("features", "serving", "scaler")
    checks = [
        LookaheadCheck(part=part, name=name, compared=10, difference=0.25 * leaks, leaks=leaks)
        for part in parts
        for name in PRICE_VOLUME.names
    ]
    return Audit(
        model_id="tiny@00000000",
        fingerprint="0" * 64,
        own_data=False,
        extent=Extent(),
        symbols=("AAA",),
        moments=(pd.Timestamp("2024-01-02", tz="UTC").to_pydatetime(),),
        checks=(*checks, LookaheadCheck(part="labels", compared=1234, difference=2.0, leaks=leaks)),
        planted=(Planted(name="a trap", expected="labels", caught=caught, named=("labels",)),),
    )


def test_a_page_names_every_feature_that_leaks() -> None:
    page = describe(made(leaks=True))
    assert page.count("2.5e-01 LEAKS") == 3 * len(PRICE_VOLUME.names)
    assert "2 LEAKS of 1,234" in page


def test_an_auditor_that_is_blind_says_so() -> None:
    page = describe(made(caught=False))
    assert "a trap" in page
    assert "NOT FOUND" in page
    assert "the audit is blind to a trap" in page
