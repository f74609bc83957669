import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from client.clock import now_ms
from client.state import bar_axis, captions, text
from client.state.attribution_map import AttributionMap, View, answered_map
from client.state.bar_axis import NO_BAR, BarRange
from client.state.explained import WAITING, Choice
from client.state.freshness import Freshness, Word, freshness
from client.state.health import State
from client.state.table import Table
from client.state.update import Update
from client.state.wish import Wish
from client.ui.charts.price_chart import PriceChart
from client.ui.theme.theme import Theme
from client.ui.ticker.ticker_layout import LEAST_SIZE, USUAL_SIZE
from client.ui.ticker.ticker_window import TickerWindow
from client.ui.widgets.market_badge import MarketBadge
from client.ui.widgets.panel import ElidedLabel, Panel
from models.data.features.price_volume import PRICE_VOLUME
from shared.explaining import OfferedMethod
from shared.protocol.messages import Heatmap, Status
from shared.protocol.past import PastBuys, PastWindow
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import METHODS, SYMBOL, MadeMarket, Shares
from tests.kit.messages import a_message
from tests.kit.methods import CAM, LIVE
from tests.kit.waiting import LIMIT_MS

UP: Shares = (0.1, 0.1, 0.8)
DOWN: Shares = (0.7, 0.2, 0.1)


@pytest.fixture
def table(market: MadeMarket) -> Table:
    table = Table()
    table.apply(market.start(DOWN, DOWN, UP))
    return table


@pytest.fixture
def window(table: Table, link: FakeLink, theme: Theme, qtbot: QtBot) -> TickerWindow:
    window = TickerWindow(SYMBOL, table, link, theme, METHODS)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(window)
    window.show()
    return window


def words(window: TickerWindow) -> str:
    return " | ".join(label.text() for label in window.findChildren(QLabel))


def fresh(link: FakeLink, status: Status | None) -> Freshness:
    word = Word()
    word.take(status, now_ms(), restarted=True)
    return freshness(link.health(), word, now_ms())


def map_of(window: TickerWindow) -> AttributionMap | None:
    return window.maps.first.view.attribution


def shown_method(window: TickerWindow) -> OfferedMethod:
    shown = window.maps.first.view.attribution
    assert shown is not None
    return shown.method


def filled(market: MadeMarket) -> Update:
    return market.update(
        bars={SYMBOL: market.bars(SYMBOL)}, heatmaps={SYMBOL: market.heatmap(SYMBOL)}
    )


def test_it_opens_at_once_with_what_is_there_and_asks_for_the_rest(
    window: TickerWindow, link: FakeLink
) -> None:
    assert link.watched == [SYMBOL]
    assert window.windowTitle() == "Apple · AAPL · tickerlens"
    for expected in ("Apple", "AAPL · KOSPI", "3,000", "▲ 1.00%", "Up 80%", "Flat 10% · Down 10%"):
        assert expected in words(window)


def test_answers_fill_it(window: TickerWindow, market: MadeMarket) -> None:
    window.apply(filled(market))
    assert len(window.series) == 60
    assert window.maps.first.view.attribution is not None
    assert window.timeline.shown == pytest.approx(bar_axis.latest(60))
    assert "Why up?" in words(window)
    assert not window.grab().isNull()


def test_the_decision_of_a_heatmap_joins_the_history(
    window: TickerWindow, market: MadeMarket
) -> None:
    window.apply(filled(market))
    assert window.series.decision_of_bar()[-1].tolist() == pytest.approx([0.1, 0.2, 0.7])


def test_answers_for_other_tickers_change_nothing(window: TickerWindow, market: MadeMarket) -> None:
    window.apply(market.update(bars={"005930": market.bars("005930")}))
    assert len(window.series) == 0


def test_live_bars_are_added(window: TickerWindow, market: MadeMarket) -> None:
    window.apply(filled(market))
    live = (market.bar(SYMBOL, 60), market.bar(SYMBOL, 61, closed=False))
    window.apply(market.update(live_bars={SYMBOL: live}))
    assert len(window.series) == 62
    assert window.series.forming
    assert window.timeline.shown == pytest.approx(bar_axis.latest(62))


def test_a_fresh_answer_keeps_the_view_on_the_same_bars(
    window: TickerWindow, market: MadeMarket
) -> None:
    window.apply(filled(market))
    window.timeline.show_range(BarRange(10.0, 30.0))
    window.apply(market.update(bars={SYMBOL: market.bars(SYMBOL, 61)}))
    assert window.timeline.shown == pytest.approx((10.0, 30.0))


def test_a_refusal_is_said_in_place_of_the_heatmap(
    window: TickerWindow, market: MadeMarket
) -> None:
    window.apply(filled(market))
    window.apply(market.update(refusals={SYMBOL: "not enough bars yet"}))
    assert window.maps.first.view.attribution is None
    window.apply(market.update(heatmaps={SYMBOL: market.heatmap(SYMBOL)}))
    assert window.maps.first.view.attribution is not None


def test_the_header_follows_the_row(window: TickerWindow, table: Table, market: MadeMarket) -> None:
    update = market.update({2: DOWN})
    table.apply(update)
    window.apply(update)
    assert "Down 70%" in words(window)
    undecided = market.update({2: (0.0, 0.0, 0.0)})
    table.apply(undecided)
    window.apply(undecided)
    assert "no opinion yet" in words(window)


@pytest.mark.parametrize("simulated", [True, False])
def test_it_says_whether_the_market_is_simulated(
    window: TickerWindow, table: Table, market: MadeMarket, *, simulated: bool
) -> None:
    update = market.update(universe=market.make.universe(simulated=simulated))
    table.apply(update)
    window.apply(update)
    (badge,) = window.findChildren(MarketBadge)
    assert badge.isVisible() == simulated
    assert (badge.text() == "SIMULATED") == simulated


def test_a_replay_is_called_one(
    window: TickerWindow, table: Table, link: FakeLink, market: MadeMarket
) -> None:
    update = market.update(universe=market.make.universe(simulated=False))
    table.apply(update)
    window.apply(update)
    window.show_freshness(fresh(link, market.status(played=True)))
    (badge,) = window.findChildren(MarketBadge)
    assert badge.isVisible()
    assert badge.text() == "REPLAY"


def test_a_new_universe_empties_it(window: TickerWindow, table: Table, market: MadeMarket) -> None:
    window.apply(filled(market))
    restart = market.start(DOWN, DOWN, UP)
    table.apply(restart)
    window.apply(restart)
    assert len(window.series) == 0


def test_a_zoom_outlasts_a_restart_of_the_server(
    window: TickerWindow, table: Table, market: MadeMarket
) -> None:
    window.apply(filled(market))
    window.timeline.show_range(BarRange(10.0, 30.0))
    restart = market.start(DOWN, DOWN, UP)
    table.apply(restart)
    window.apply(restart)
    window.apply(filled(market))
    assert window.timeline.shown == pytest.approx((10.0, 30.0))


def test_pointing_at_a_cell_lights_its_bar(
    window: TickerWindow, market: MadeMarket, qtbot: QtBot
) -> None:
    window.apply(filled(market))
    with qtbot.waitSignal(window.timeline.lit) as lit:
        window.maps.bar_hovered.emit(int(market.times(60)[57]))
    assert lit.args == [57]
    with qtbot.waitSignal(window.timeline.lit) as lit:
        window.maps.bar_hovered.emit(None)
    assert lit.args == [NO_BAR]


def test_a_lost_link_is_said(window: TickerWindow, link: FakeLink, market: MadeMarket) -> None:
    link.state = "lost"
    window.show_freshness(fresh(link, market.status()))
    assert "lost since" in words(window)


def colors_of(window: TickerWindow) -> int:
    # How far the most colorful pixel below the header is from grey.
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = raw[60:-40, : image.width() * 3].reshape(-1, 3).astype(int)
    return int((pixels.max(axis=1) - pixels.min(axis=1)).max())


@pytest.mark.parametrize("state", ["lost", "late", "live"])
def test_charts_and_maps_lose_their_color_when_they_are_not_of_now(
    window: TickerWindow, link: FakeLink, market: MadeMarket, state: State
) -> None:
    window.apply(filled(market))
    window.show_freshness(fresh(link, market.status()))
    assert colors_of(window) > 100
    link.state = state
    window.show_freshness(fresh(link, market.status(state="ended")))
    assert colors_of(window) < 40  # the theme's own greys are somewhat blue
    link.state = "live"
    window.show_freshness(fresh(link, market.status()))
    assert colors_of(window) > 100


def test_a_window_shows_facts_of_one_decision_or_none(
    window: TickerWindow, table: Table, market: MadeMarket
) -> None:
    window.apply(filled(market))
    assert map_of(window) is not None
    rows_alone = market.update({2: DOWN}, 60)
    table.apply(rows_alone)
    window.apply(rows_alone)
    assert "Down 70%" in words(window)
    assert map_of(window) is None
    assert WAITING in words(window)
    window.apply(market.update(heatmaps={SYMBOL: market.heatmap(SYMBOL, 60)}))
    shown = map_of(window)
    assert shown is not None
    assert int(shown.bar_ms[-1]) == int(table.bar_ms[2])


def test_while_history_loads_it_shows_no_decision(
    window: TickerWindow, table: Table, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    loading = market.update(status=market.status(state="starting", history=0.4))
    table.apply(loading)
    window.apply(loading)
    window.show_freshness(fresh(link, loading.status))
    assert "Up 80%" not in words(window)
    assert "3,000" not in words(window)
    assert "1.00%" not in words(window)
    assert "loading history 40%" in words(window)
    assert window.maps.first.view.attribution is None
    assert captions.set_words(6) not in words(window)


def test_hovering_a_bar_reads_it_out(window: TickerWindow, market: MadeMarket) -> None:
    window.apply(filled(market))
    window.timeline.point(58)
    assert "O 1,575   H 1,589   L 1,571   C 1,580   V 1,580" in words(window)
    window.timeline.point(-1)
    assert "Daily · the 6-bar window" in words(window)


def test_a_forming_bar_is_said_to_be_one(window: TickerWindow, market: MadeMarket) -> None:
    window.apply(market.update(bars={SYMBOL: market.bars(SYMBOL, forming=True)}))
    assert "the last bar is forming" in words(window)
    window.timeline.point(59)
    assert " (forming)   O " in words(window)
    window.timeline.point(58)
    assert "forming" not in words(window)


def test_keys_move_zoom_and_reset_the_charts(
    window: TickerWindow, market: MadeMarket, qtbot: QtBot
) -> None:
    window.apply(filled(market))
    window.timeline.show_range(BarRange(20.0, 40.0))
    QTest.keyClick(window, Qt.Key.Key_Left)
    assert window.timeline.shown == pytest.approx((19.0, 39.0))
    QTest.keyClick(window, Qt.Key.Key_Up)
    assert window.timeline.shown == pytest.approx((20.5, 37.5))
    QTest.keyClick(window, Qt.Key.Key_Down)
    QTest.keyClick(window, Qt.Key.Key_Right)
    assert window.timeline.shown.first == pytest.approx(20)
    QTest.keyClick(window, Qt.Key.Key_F)
    assert window.timeline.shown == pytest.approx(bar_axis.latest(60))


def test_keys_choose_scales_stretch_and_measure_and_escape_forgets_a_measure_first(
    window: TickerWindow, market: MadeMarket
) -> None:
    window.apply(filled(market))
    (prices,) = window.findChildren(PriceChart)
    before = prices.candles.viewRange()[1]
    QTest.keyClick(window, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert prices.candles.viewRange()[1][0] > before[0]
    QTest.keyClick(window, Qt.Key.Key_A)
    assert prices.candles.viewRange()[1] == pytest.approx(before)
    QTest.keyClick(window, Qt.Key.Key_S)
    assert prices.candles.viewRange()[1][1] < 10
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert prices.measure.words.startswith("1 bar back")
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert (prices.measure.words, window.isVisible()) == ("", True)


def test_escape_closes_it_and_ends_the_watch(
    window: TickerWindow, link: FakeLink, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.closed, timeout=LIMIT_MS):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    assert link.unwatched == [SYMBOL]


def test_the_live_map_asks_nothing(
    window: TickerWindow, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    assert link.wished == []


def test_another_method_is_asked_for_once_and_shown_when_it_comes(
    window: TickerWindow, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    QTest.keyClick(window, Qt.Key.Key_M)
    wish = Wish(method="grad_cam")
    assert link.wished == [(wish,)]
    window.apply(filled(market))
    assert link.wished == [(wish,)]
    assert shown_method(window) == LIVE
    window.apply(market.update(explanations={SYMBOL: {wish: market.explanation(CAM)}}))
    assert shown_method(window) == CAM
    assert captions.without_reasons(
        answered_map(market.explanation(CAM), PRICE_VOLUME.features)
    ) in words(window)
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert link.wished == [(wish,), ()]
    assert shown_method(window) == LIVE


def test_an_answer_that_comes_late_is_dropped(window: TickerWindow, market: MadeMarket) -> None:
    window.apply(filled(market))
    window.choose(Choice(method="grad_cam"))
    wish = Wish(method="grad_cam")
    late = market.explanation(CAM, newest=58)
    window.apply(market.update(explanations={SYMBOL: {wish: late}}))
    assert shown_method(window) == LIVE
    window.choose(Choice())
    window.apply(market.update(explanations={SYMBOL: {wish: market.explanation(CAM)}}))
    assert shown_method(window) == LIVE


def test_c_puts_a_second_method_beside_the_first_and_takes_it_away(
    window: TickerWindow, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    narrow = window.maps.width()
    QTest.keyClick(window, Qt.Key.Key_C)
    assert link.wished == [(Wish(method="integrated_gradients"),)]
    assert window.maps.second.isVisible()
    window.grab()
    assert window.maps.width() > narrow
    QTest.keyClick(window, Qt.Key.Key_C)
    assert link.wished[-1] == ()
    assert not window.maps.second.isVisible()


def test_the_first_focus_is_no_button_so_that_arrows_move_the_charts(
    window: TickerWindow,
) -> None:
    assert window.focusWidget() is window


def test_a_choice_outlasts_a_restart_of_the_server(
    window: TickerWindow, table: Table, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    window.choose(Choice(method="grad_cam"))
    restart = market.start(DOWN, DOWN, UP)
    table.apply(restart)
    window.apply(restart)
    assert WAITING in words(window)
    assert window.explained.wishes() == (Wish(method="grad_cam"),)
    assert len(link.wished) == 1


def test_the_prediction_set_and_the_raw_score_are_said(
    window: TickerWindow, market: MadeMarket
) -> None:
    window.apply(filled(market))
    assert captions.set_words(6) in words(window)
    tips = [label.toolTip() for label in window.findChildren(QLabel)]
    assert text.tip(captions.all_scores(market.heatmap(SYMBOL).scores)) in tips


def test_a_map_that_stays_behind_says_so_with_the_next_beat(
    window: TickerWindow, table: Table, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    window.choose(Choice(method="grad_cam"))
    answers = {Wish(method="grad_cam"): market.explanation(CAM)}
    window.apply(market.update(explanations={SYMBOL: answers}))
    later = market.update({2: UP}, 60, heatmaps={SYMBOL: market.heatmap(SYMBOL, newest=60)})
    table.apply(later)
    window.apply(later)
    stays = answered_map(market.explanation(CAM), PRICE_VOLUME.features)
    assert window.maps.first.title.text() == captions.title(stays, View.SIGNED)
    window.show_freshness(fresh(link, market.status()))
    shown = map_of(window)
    assert shown is not None
    assert (shown.method, int(shown.bar_ms[-1])) == (LIVE, int(table.bar_ms[2]))
    assert text.NOTHING in words(window)


def past_window(market: MadeMarket, place: int) -> PastWindow:
    heatmap = market.heatmap(SYMBOL, newest=place)
    said = {name: heatmap.array(name) for name in Heatmap.ARRAYS}
    said["probabilities"] = np.array([0.6, 0.3, 0.1], np.float32)
    return a_message(PastWindow, symbol=SYMBOL, winner=0, sets=3, **said)


def test_any_decision_of_the_past_is_looked_at_bar_by_bar_and_buy_by_buy(
    window: TickerWindow, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    times = market.times(60).tolist()
    buys = a_message(PastBuys, symbol=SYMBOL, bar_ms=np.array([times[40], times[50], times[58]]))
    window.apply(market.update(past_buys={SYMBOL: buys}))
    window.timeline.point(50)
    assert "buy 60%: down came true, ▼ 2.00%" in words(window)
    window.timeline.clicked.emit(30)
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    QTest.keyClick(window, Qt.Key.Key_BracketLeft)
    QTest.keyClick(window, Qt.Key.Key_N)
    QTest.keyClick(window, Qt.Key.Key_Comma)
    assert link.recalled == [times[30], times[40], times[40], None, times[58]]
    assert map_of(window) is None
    past = past_window(market, 58)
    window.apply(market.update(past_windows={SYMBOL: (times[40], past)}))
    assert map_of(window) is None  # an answer to what was asked before
    window.apply(market.update(past_windows={SYMBOL: (times[58], past)}))
    shown = map_of(window)
    assert shown is not None
    assert int(shown.bar_ms[-1]) == times[58]
    day = text.bar_time(times[58], 86_400, text.zone_of(market.universe().timezone))
    for said in ("Down 60%", f"Up 10% · Flat 30% · {day}", "1,580", day):
        assert said in words(window)
    QTest.keyClick(window, Qt.Key.Key_C)
    assert [p.title.text()[:4] for p in (window.maps.first, window.maps.second)] == ["Then", "Now "]
    window.timeline.clicked.emit(59)
    assert link.recalled[-1] is None
    assert "Up 80%" in words(window)
    window.look_back(times[20])
    gone = "The journal has no decision."
    window.apply(market.update(past_windows={SYMBOL: (times[20], gone)}))
    assert window.maps.first.view.attribution is None
    assert window.maps.first.title.text() == "Why?"


def test_the_past_is_played_on_as_answers_come_and_ends_now(
    window: TickerWindow, link: FakeLink, market: MadeMarket, qtbot: QtBot
) -> None:
    window.apply(filled(market))
    (timer,) = window.times.findChildren(QTimer)
    timer.setInterval(1)
    window.look_back(int(market.times(59)[-1]))
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert window.times.place is not None
    past = past_window(market, 58)
    with qtbot.waitSignal(window.times.went, timeout=LIMIT_MS) as went:
        window.apply(market.update(past_windows={SYMBOL: (window.times.place, past)}))
    assert went.args == [None]
    assert window.times.place is None


def test_another_ticker_is_found_by_half_its_name_and_shown_beside_this_one(
    window: TickerWindow, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    QTest.keyClick(window, Qt.Key.Key_K)
    (field,) = window.findChildren(QLineEdit)
    QTest.keyClicks(field, "sams")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (window.charts.comparison.symbol, link.watched) == ("005930", [SYMBOL, "005930"])
    assert not field.isVisible()
    twice = msgspec.structs.replace(market.bars("005930"), symbol="005930")
    window.apply(market.update(bars={"005930": twice}))
    window.timeline.show_range(BarRange(-0.4, 30.0))
    assert words(window).count("+59.00%") == 2  # since the first bar in sight, at the newest
    window.timeline.point(20)
    assert "Apple +20.00%   Samsung +20.00%" in words(window)
    window.show_ticker("000020")
    assert window.charts.comparison.symbol == "005930"
    window.show_ticker("005930")
    assert (window.charts.comparison.symbol, link.unwatched) == ("", [SYMBOL, "000020", "005930"])


def test_a_field_that_is_left_compares_with_nothing_new(
    window: TickerWindow, link: FakeLink, market: MadeMarket
) -> None:
    window.apply(filled(market))
    window.compare("005930")
    QTest.keyClick(window, Qt.Key.Key_K)
    (field,) = window.findChildren(QLineEdit)
    QTest.keyClicks(field, "nobody")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.isVisible(), window.isVisible()) == (False, True)
    assert window.charts.comparison.symbol == "005930"
    field.clear()
    QTest.keyClick(window, Qt.Key.Key_K)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (window.charts.comparison.symbol, link.unwatched) == ("", ["005930"])
    window.close()
    assert link.unwatched == ["005930", SYMBOL]


def test_what_gives_way_in_a_small_window_is_left_out_and_nothing_is_cut(
    window: TickerWindow, market: MadeMarket, qtbot: QtBot
) -> None:
    window.apply(filled(market))
    window.resize(LEAST_SIZE)
    qtbot.waitUntil(lambda: not window.maps.isVisible(), timeout=LIMIT_MS)
    window.grab()  # lays out
    panels = {p.title.text(): p for p in window.findChildren(Panel)}
    assert not any(panels[name].isVisible() for name in ("Reasons", "Can it be trusted?"))
    assert not window.charts.confidences.isVisible()
    for widget in (*window.findChildren(QLabel), window.charts.prices, window.times):
        if widget.isVisible() and not isinstance(widget, ElidedLabel):
            assert widget.width() >= widget.minimumSizeHint().width(), widget
            box = widget.rect().translated(widget.mapTo(window, QPoint()))
            assert window.rect().contains(box), widget
    window.resize(USUAL_SIZE)
    qtbot.waitUntil(window.maps.isVisible, timeout=LIMIT_MS)
    assert all(panel.isVisible() for panel in panels.values())
    assert "Flat 10%" in words(window)
