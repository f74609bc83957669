import select
from pathlib import Path

import numpy as np

from models.data.features.price_volume import PRICE_VOLUME
from server.explain.questions import Asker
from server.journal.past import Past
from server.journal.reading import reading
from server.market.cycle import Cycle
from shared.contract import Class
from shared.protocol.answers import Answer, Refusal
from shared.protocol.envelope import Stamp
from shared.protocol.past import INTERRUPTED, OPEN, PastBuys, PastWindow
from shared.protocol.requests import AboutPast, GetPastBuys, GetPastWindow
from tests.kit.house import DAY_MS, FULL, SYMBOLS
from tests.kit.waiting import LIMIT_S


class Asking:
    def __init__(self, folder: Path, model_id: str) -> None:
        self.past = Past(folder)
        self._stamp = Stamp(run_id="run", model_id=model_id, made_ms=9)

    def ask(self, request: AboutPast) -> Answer:
        asker = Asker(b"desk", request.request_id)
        assert self.past.ask(asker, request, self._stamp) is None
        assert select.select([self.past], [], [], LIMIT_S)[0]
        ((asked, answer),) = self.past.take()
        assert asked == asker
        return answer


def test_buys_are_told_with_what_came_true_and_each_with_its_map(
    written: tuple[Path, Cycle],
) -> None:
    folder, cycle = written
    symbol, newest_ms = SYMBOLS[0], (FULL + 12) * DAY_MS
    with reading(folder) as database:
        (count,) = database.execute(
            "SELECT count(*) FROM buys WHERE symbol = ?", (symbol,)
        ).fetchone()
    desk = Asking(folder, cycle.stamps.answer(0, 0).model_id)
    try:
        buys = desk.ask(GetPastBuys(request_id=1, symbol=symbol))
        assert isinstance(buys, PastBuys)
        assert buys.count == count > 0
        judged = buys.outcome > INTERRUPTED
        assert judged.any()
        assert (buys.result[judged] != 0).all()
        assert set(buys.outcome[~judged].tolist()) <= {OPEN, INTERRUPTED}
        newest = desk.ask(GetPastBuys(request_id=1, symbol=symbol, count=1))
        assert isinstance(newest, PastBuys)
        assert newest.bar_ms.tolist() == buys.bar_ms[-1:].tolist()
        bought = desk.ask(GetPastWindow(request_id=2, symbol=symbol, bar_ms=int(buys.bar_ms[0])))
        assert isinstance(bought, PastWindow)
        assert (bought.kept, bought.winner) == (True, Class.UP)
        assert bought.probabilities[Class.UP] == buys.confidence[0]
        now = desk.ask(GetPastWindow(request_id=3, symbol=symbol, bar_ms=newest_ms))
        assert isinstance(now, PastWindow)
        assert now.features == PRICE_VOLUME.features
        np.testing.assert_array_equal(now.scaled, cycle.state.scaled[0])
        np.testing.assert_allclose(now.scores, cycle.state.scores[0], atol=1e-6)
        for bar_ms in (newest_ms - 1, 5 * DAY_MS):
            none = desk.ask(GetPastWindow(request_id=4, symbol=symbol, bar_ms=bar_ms))
            assert isinstance(none, Refusal)
            assert (none.code, none.sentence[-1]) == ("nothing_kept", ".")
    finally:
        desk.past.close()
