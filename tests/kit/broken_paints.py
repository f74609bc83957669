"""Windows in which every paint fails in turn: `python -m tests.kit.broken_paints`.

In a process of its own, because what is tested for is that it does not die. How often each fault
was caught goes to stdout as JSON.
"""

import json
import sys
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, NoReturn

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from client.state.price_scale import PriceScale
from client.ui.charts.bar_items import CandleItem, VolumeItem
from client.ui.charts.chart_axes import DateAxis, PlainAxis
from client.ui.charts.price_axis import PriceAxis
from client.ui.shell.faults import FaultReporter
from client.ui.shell.main_window import MainWindow
from client.ui.theme.theme import Theme
from client.ui.ticker.heatmap_view import HeatmapView
from client.ui.watchlist.buy_log import BuyLogView
from client.ui.watchlist.row_painter import RowPainter
from client.ui.watchlist.watchlist_model import WatchlistModel
from client.ui.watchlist.watchlist_view import WatchlistView
from client.ui.widgets.panel import ElidedLabel
from client.ui.widgets.prepared_text import PreparedText
from shared.settings import DeskSettings
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import SYMBOL, MadeMarket
from tests.kit.maker import Maker

_PLACES: Final[tuple[tuple[type[Any], str], ...]] = (
    (WatchlistView, "_paint_selection"),
    (WatchlistModel, "shown"),
    (WatchlistModel, "headerData"),
    (RowPainter, "paint"),
    (PreparedText, "draw"),
    (BuyLogView, "_paint_row"),
    (ElidedLabel, "alignment"),
    (HeatmapView, "_paint_cells"),
    (CandleItem, "draw"),
    (VolumeItem, "draw"),
    (PlainAxis, "generateDrawSpecs"),
    (DateAxis, "tickValues"),
    (PriceAxis, "drawPicture"),
    (PriceScale, "label"),
)


_ROUNDS: Final = 4  # of painting with each fault


def _fail(*_: object, **__: object) -> NoReturn:
    raise OverflowError("date value out of range")


class Breaker(QObject):
    """Breaks one place after the other in windows that are painted again and again.

    Within Qt's own loop, as in the desk: from a call of ours an exception would come back here.

    Attributes:
        counts: How often each fault was caught.
        after: How often any was, when all was mended.
    """

    def __init__(self, app: QApplication, window: QWidget) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.after = -1
        self._app, self._caught = app, 0
        self._kept: deque[object] = deque(maxlen=3)
        self._places = iter(_PLACES)
        self._rounds = 0
        self._mend: Callable[[], None] | None = None
        self._faults = FaultReporter(window)
        self._faults.install()
        self._report = sys.excepthook
        sys.excepthook = self._catch
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._step)
        self._timer.start()

    def _catch(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        # Kept, as who looks at a traceback keeps it, with all that its frames hold.
        self._kept.append(error)
        self._caught += 1
        self._report(kind, error, trace)

    def _step(self) -> None:
        self._rounds += 1
        if self._rounds % _ROUNDS == 0:
            self._next()
        for widget in self._app.allWidgets():
            widget.update()

    def _next(self) -> None:
        if self.after == 0:
            self._app.quit()
        if self._mend is not None:
            self._mend()
        place = next(self._places, None)
        if place is None:
            self.after, self._mend = 0, None
            return
        self._mend = self._break(*place)

    def _break(self, owner: type[Any], name: str) -> Callable[[], None]:
        kept, before = vars(owner).get(name), self._caught
        setattr(owner, name, _fail)

        def mend() -> None:
            if kept is None:
                delattr(owner, name)
            else:
                setattr(owner, name, kept)
            self.counts[f"{owner.__name__}.{name}"] = self._caught - before

        return mend


def main() -> int:
    """Show windows, let each paint fail in turn, and tell what was caught."""
    app = QApplication(sys.argv[:1])
    market = MadeMarket(Maker())
    window = MainWindow(FakeLink(), Theme(DeskSettings(theme="dark"), app))
    window.apply(market.start((0.1, 0.1, 0.8), (0.7, 0.2, 0.1), (0.0, 0.0, 0.0)))
    window.apply(market.update(status=market.status(), buys=(market.buy(SYMBOL),)))
    window.show()
    window.open_ticker(SYMBOL)
    window.apply(
        market.update(
            {2: (0.1, 0.2, 0.7)},
            heatmaps={SYMBOL: market.heatmap(SYMBOL)},
            bars={SYMBOL: market.bars(SYMBOL)},
        )
    )
    window.watchlist.selectRow(0)
    breaker = Breaker(app, window)
    code = app.exec()
    sys.stdout.write(json.dumps(breaker.counts))
    return code


if __name__ == "__main__":
    sys.exit(main())
