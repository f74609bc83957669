import dataclasses
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import pytest
from PySide6.QtCore import QAbstractItemModel, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QWidget

from client.state.health import Health, State
from client.state.methods import LIVE, OfferedMethod
from client.state.update import BuyEntry, RowChanges, Update
from client.state.wish import Wish
from client.ui.theme.theme import Theme
from shared.contract import FEATURES, STEPS, Class, Float32, Int64
from shared.protocol.answers import Bars, Universe
from shared.protocol.explanations import Explanation
from shared.protocol.messages import DECIDED, HELD, Bar, Heatmap, Status
from shared.settings import DeskSettings
from tests.kit.maker import Maker

DAY_MS = 86_400_000
NOON_MS = 1_763_000_000_000
Shares = tuple[float, float, float]
SYMBOL = "AAPL"
CAM = OfferedMethod(
    name="grad_cam",
    title="Grad-CAM",
    time_only=True,
    signed=False,
    note="Features are summed away.",
)
GUIDED = OfferedMethod(
    name="guided_backprop", title="Guided backpropagation", verdict="fails the sanity check"
)
INTEGRATED = OfferedMethod(name="integrated_gradients", title="Integrated Gradients")
METHODS = (LIVE, CAM, GUIDED, INTEGRATED)


@dataclasses.dataclass
class FakeLink:
    """Has the methods of a link, and remembers what was asked of it."""

    state: State = "live"
    watched: list[str] = dataclasses.field(default_factory=list)
    unwatched: list[str] = dataclasses.field(default_factory=list)
    wished: list[tuple[Wish, ...]] = dataclasses.field(default_factory=list)

    def watch(self, symbol: str) -> None:
        self.watched.append(symbol)

    def unwatch(self, symbol: str) -> None:
        self.unwatched.append(symbol)

    def explain(self, symbol: str, wishes: tuple[Wish, ...]) -> None:
        self.wished.append(wishes)

    def health(self) -> Health:
        silent = self.state in ("late", "lost")
        return Health(
            state=self.state,
            age_ms=None if self.state == "connecting" else 9_000 if silent else 300,
            sentence="nothing heard" if silent else self.state,
            endpoint="tcp://127.0.0.1:5555",
            local=False,
        )


@dataclasses.dataclass
class MadeMarket:
    """Makes updates of one universe; a test names only what it is about."""

    make: Maker

    def universe(self) -> Universe:
        return self.make.universe(names=("Daon Bio", "Samsung", "Apple"))

    def rows(self, shares: Mapping[int, Shares], changed_ms: int = NOON_MS) -> RowChanges:
        """Make rows of (down, flat, up); all zero is undecided."""
        probabilities: Float32 = np.array(list(shares.values()), np.float32).reshape(-1, 3)
        decided, n = probabilities.any(axis=1), len(shares)
        held = decided & (probabilities.argmax(axis=1) == 2)
        return RowChanges(
            index=np.array(list(shares), np.int64),
            probabilities=probabilities,
            last=np.array([1_000.0 * (i + 1) for i in shares]),
            change=np.array([0.01 * (i - 1) for i in shares], np.float32),
            bar_ms=np.full(n, NOON_MS),
            changed_ms=np.full(n, changed_ms),
            flags=(decided * DECIDED | held * HELD).astype(np.uint8),
            sets=np.where(decided, 1 << probabilities.argmax(axis=1) | 2, 0).astype(np.uint8),
            coverage=0.9,
        )

    def update(
        self,
        shares: Mapping[int, Shares] | None = None,
        *,
        universe: Universe | None = None,
        buys: tuple[BuyEntry, ...] = (),
        status: Status | None = None,
        bars: Mapping[str, Bars] | None = None,
        live_bars: Mapping[str, tuple[Bar, ...]] | None = None,
        heatmaps: Mapping[str, Heatmap] | None = None,
        refusals: Mapping[str, str] | None = None,
        methods: tuple[OfferedMethod, ...] = (),
        explanations: Mapping[str, Mapping[Wish, Explanation | str]] | None = None,
    ) -> Update:
        return Update(
            universe=universe,
            rows=self.rows(shares or {}),
            buys=buys,
            status=status,
            card_json=None,
            model_id="krx-daily@01234567" if universe else None,
            methods=methods,
            bars=bars or {},
            live_bars=live_bars or {},
            heatmaps=heatmaps or {},
            refusals=refusals or {},
            explanations=explanations or {},
        )

    def start(self, *shares: Shares) -> Update:
        """Make the first update: the universe and its first rows."""
        return self.update(dict(enumerate(shares)), universe=self.universe())

    def buy(self, symbol: str, confidence: float = 0.8) -> BuyEntry:
        return BuyEntry(
            symbol=symbol, made_ms=NOON_MS, confidence=confidence, last=48_900.0, bar_ms=NOON_MS
        )

    def times(self, count: int) -> Int64:
        return NOON_MS + DAY_MS * np.arange(count, dtype=np.int64)

    def bars(self, symbol: str, count: int = 60, *, forming: bool = False) -> Bars:
        close = 1_000 + 10.0 * np.arange(count)
        ohlcv = np.stack([close - 5, close + 9, close - 9, close, close], axis=1)
        return Bars(
            stamp=self.make.stamp(),
            symbol=symbol,
            count=count,
            decisions=2,
            forming=forming,
            bar_ms=self.times(count),
            ohlcv=ohlcv,
            decision_ms=self.times(count)[-2:],
            probabilities=np.array([[0.2, 0.3, 0.5]] * 2, np.float32),
        )

    def bar(self, symbol: str, place: int, *, closed: bool = True) -> Bar:
        return Bar(
            stamp=self.make.stamp(bar_ms=int(self.times(place + 1)[-1])),
            symbol=symbol,
            closed=closed,
            ohlcv=np.array([2_000.0, 2_100.0, 1_900.0, 2_050.0, 5.0]),
        )

    def heatmap(self, symbol: str, newest: int = 59) -> Heatmap:
        """Make a heatmap whose saliency counts cells from -24 to 23."""
        grid = np.arange(-24, 24, dtype=np.float32).reshape(STEPS, len(FEATURES))
        return Heatmap(
            stamp=self.make.stamp(),
            symbol=symbol,
            winner=2,
            top_drop=0.25,
            random_drop=0.05,
            scores=np.array([0.1, 0.1, 0.8], np.float32),
            probabilities=np.array([0.1, 0.2, 0.7], np.float32),
            saliency=grid,
            raw=grid / np.float32(1_000),
            scaled=grid / np.float32(10),
            bar_ms=self.times(newest + 1)[-STEPS:],
        )

    def explanation(
        self,
        method: OfferedMethod,
        *,
        target: Class = Class.UP,
        newest: int = 59,
        drop: float = 0.31,
    ) -> Explanation:
        """Make an answer whose map counts from below 0, or from 0 where it has no signs."""
        heatmap = self.heatmap(SYMBOL, newest)
        columns: Literal[1, 8] = 1 if method.time_only else 8
        grid = heatmap.saliency[:, :columns] + np.float32(0 if method.signed else 24)
        return Explanation(
            stamp=self.make.stamp(),
            symbol=SYMBOL,
            method=method.name,
            title=method.title,
            columns=columns,
            signed=method.signed,
            winner=2,
            target=target.value,
            verdict=method.verdict,
            note=method.note,
            gap=0.0012 if method is INTEGRATED else None,
            top_drop=drop,
            random_drop=0.06,
            map=grid,
            probabilities=heatmap.probabilities,
            raw=heatmap.raw,
            scaled=heatmap.scaled,
            bar_ms=heatmap.bar_ms,
        )


def move_pointer(widget: QWidget, place: QPointF) -> None:
    """Move the pointer over a widget, whether or not it is on a screen."""
    button, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    where = widget.mapToGlobal(place)
    event = QMouseEvent(QEvent.Type.MouseMove, place, where, button, button, plain)
    QApplication.sendEvent(widget, event)


def strict_tester(model: QAbstractItemModel) -> QAbstractItemModelTester:
    """Watch a model while the result lives; it warns, and a warning of Qt fails the test."""
    return QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)


@pytest.fixture
def market(make: Maker) -> MadeMarket:
    return MadeMarket(make)


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def theme_of(qapp: QApplication) -> Callable[[str], Theme]:
    def build(scheme: str) -> Theme:
        assert scheme in ("dark", "light")
        return Theme(DeskSettings(theme="dark" if scheme == "dark" else "light"), qapp)

    return build


@pytest.fixture
def theme(theme_of: Callable[[str], Theme]) -> Theme:
    return theme_of("dark")
