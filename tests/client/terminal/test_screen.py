import dataclasses
import io
import unicodedata
import zoneinfo
from typing import Literal

import pytest
from rich.console import Console, Group

from client.state.buys import gap_words
from client.state.health import Health
from client.state.inbox import Inbox
from client.state.update import BuyGap
from client.terminal.screen import Screen
from shared.protocol.answers import Universe
from shared.protocol.messages import Status
from shared.settings import DeskSettings
from tests.kit.maker import Maker
from tests.kit.messages import a_message
from tests.kit.updates import buy_entry

LIVE = Health(
    state="live", age_ms=400, sentence="live", endpoint="tcp://127.0.0.1:5555", local=False
)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def screen(inbox: Inbox, make: Maker) -> Screen:
    """Return a screen of three tickers: up 0.2, up 0.8 and undecided."""
    screen = Screen(DeskSettings(palette="korean"), inbox)
    inbox.put_universe(make.universe(names=("Daon", "삼성전자", "Apple")))
    inbox.put_rows(make.row_changes({"000020": 0.2, "005930": 0.8}))
    inbox.put_status(make.status(1))
    screen.refresh(2_000)
    return screen


def written(shown: Group, *, width: int = 100, color: bool = False) -> str:
    file = io.StringIO()
    Console(
        file=file,
        width=width,
        force_terminal=color,
        color_system="truecolor" if color else None,
    ).print(shown)
    return file.getvalue()


def lines_with(text: str, *words: str) -> list[int]:
    lines = text.splitlines()
    return [next(i for i, line in enumerate(lines) if word in line) for word in words]


def test_rows_stand_by_up_confidence_and_the_undecided_last(screen: Screen) -> None:
    shown = written(screen.render(LIVE, 2_000, None))
    first, second, third = lines_with(shown, "005930", "000020", "AAPL")
    assert first < second < third
    lines = shown.splitlines()
    assert " Up " in lines[first]
    assert "80%" in lines[first]
    assert "삼성전자" in lines[first]
    assert "–" in lines[third]


def test_it_says_where_the_rows_come_from(screen: Screen) -> None:
    shown = written(screen.render(LIVE, 2_000, None))
    title, status = shown.splitlines()[0], shown.splitlines()[-1]
    assert "SIMULATED" in title
    assert "3 tickers" in title
    assert "made bars" in title
    for part in ("live", "0.4 s", "cycle 4 ms", "net@01234567", "tcp://127.0.0.1:5555"):
        assert part in status


def test_a_real_market_is_not_labelled_simulated(inbox: Inbox, make: Maker) -> None:
    screen = Screen(DeskSettings(), inbox)
    inbox.put_universe(make.universe(simulated=False))
    screen.refresh(2_000)
    assert "SIMULATED" not in written(screen.render(LIVE, 2_000, None))


def test_a_name_with_brackets_is_a_name(inbox: Inbox) -> None:
    maker = Maker(symbols=("X[bold]",))
    inbox.put_universe(maker.universe(names=("A [/b] Co",)))
    inbox.put_rows(maker.row_changes({"X[bold]": 0.8}))
    screen = Screen(DeskSettings(), inbox)
    screen.refresh(2_000)
    shown = written(screen.render(LIVE, 2_000, None))
    assert "X[bold]" in shown
    assert "A [/b] Co" in shown


def test_a_lost_link_says_why(screen: Screen) -> None:
    lost = Health(state="lost", age_ms=9_000, sentence="it has stopped", endpoint="", local=True)
    shown = written(screen.render(lost, 10_000, None))
    assert "lost since 09:00:01 KST · it has stopped" in shown


@pytest.mark.parametrize("state", ["lost", "ended"])
def test_what_is_not_of_now_has_no_tint(
    screen: Screen, inbox: Inbox, make: Maker, state: Literal["lost", "ended"]
) -> None:
    health = LIVE
    if state == "ended":
        inbox.put_status(make.status(2, "ended"))
        screen.refresh(2_000)
    else:
        health = dataclasses.replace(LIVE, state="lost", age_ms=9_000)
    strong, weak = (
        next(
            line
            for line in written(screen.render(health, 2_000, None), color=True).splitlines()
            if s in line
        )
        for s in ("005930", "000020")
    )
    assert "80%" in strong
    backgrounds = [line.split("48;2;")[1].split("m")[0] for line in (strong, weak)]
    assert backgrounds[0] == backgrounds[1]


def test_while_history_loads_no_confidence_is_shown(
    screen: Screen, inbox: Inbox, make: Maker
) -> None:
    inbox.put_status(a_message(Status, stamp=make.stamp(2), state="starting", history=0.5))
    screen.refresh(2_000)
    shown = written(screen.render(LIVE, 2_000, None))
    assert "80%" not in shown
    assert "loading history 50%" in shown


def test_a_replay_is_called_one(inbox: Inbox, make: Maker) -> None:
    screen = Screen(DeskSettings(), inbox)
    inbox.put_universe(make.universe(simulated=False))
    inbox.put_status(a_message(Status, played=True, market_ms=1_583_300_000_000, simulated=False))
    screen.refresh(2_000)
    shown = written(screen.render(LIVE, 2_000, None))
    assert "REPLAY" in shown
    assert "replay at 2020-03-04" in shown


def test_text_of_others_moves_no_cursor(inbox: Inbox) -> None:
    bad = "\x1b[2J\x1b]52;c;AAAA\x07\u202e[red]A[/red]\x9b31m"
    maker = Maker(symbols=("X\u202e[b]",))
    inbox.put_universe(
        a_message(Universe, symbols=maker.symbols, names=(bad,), markets=(bad,), feed=bad)
    )
    inbox.put_rows(maker.row_changes({maker.symbols[0]: 0.8}))
    inbox.put_status(
        a_message(Status, feed=bad, feed_error=bad, feed_note=bad, model_note=bad, state="failed")
    )
    inbox.put_buys([buy_entry(maker.symbols[0])])
    screen = Screen(DeskSettings(), inbox)
    screen.refresh(2_000)
    health = dataclasses.replace(LIVE, state="late", sentence=bad, endpoint=bad)
    shown = written(screen.render(health, 2_000, None), width=400)
    assert not {c for c in shown if unicodedata.category(c) in ("Cc", "Cf")} - {"\n"}
    assert shown.count("[red]A[/red]") >= 4


def test_before_the_first_row_it_shows_the_link_alone() -> None:
    screen = Screen(DeskSettings(), Inbox())
    waiting = Health(
        state="connecting", age_ms=None, sentence="starting a server", endpoint="", local=True
    )
    assert "connecting · starting a server" in written(screen.render(waiting, 2_000, 24))
    assert not screen.is_filled()


@pytest.mark.parametrize("height", [7, 12])
def test_it_fits_the_height(screen: Screen, inbox: Inbox, height: int) -> None:
    inbox.put_buys(buy_entry("AAPL", made_ms=i) for i in range(9))
    screen.refresh(2_000)
    shown = written(screen.render(LIVE, 2_000, height), width=60)
    assert len(shown.splitlines()) <= height
    assert "005930" in shown
    assert "live" in shown


def test_a_gap_in_the_buys_stands_at_its_place(screen: Screen, inbox: Inbox) -> None:
    gap = BuyGap(first=2, last=5, after_ms=1_000, before_ms=2_000)
    inbox.put_buys([buy_entry("AAPL"), gap, buy_entry("005930")])
    screen.refresh(2_000)
    buys = written(screen.render(LIVE, 2_000, None)).split("Buys", 1)[1]
    seoul = zoneinfo.ZoneInfo("Asia/Seoul")
    newer, between, older = lines_with(buys, "005930", gap_words(gap, 2_000, seoul), "AAPL")
    assert newer < between < older


def test_the_newest_buy_stands_first(screen: Screen, inbox: Inbox) -> None:
    for symbol in ("AAPL", "005930"):
        inbox.put_buys([buy_entry(symbol, confidence=0.75, last=9.0)])
    screen.refresh(2_000)
    buys = written(screen.render(LIVE, 2_000, None)).split("Buys")[1]
    newer, older = lines_with(buys, "005930  삼성전자  75%", "AAPL  Apple  75%")
    assert newer < older


def test_a_row_is_tinted_by_its_up_confidence(screen: Screen) -> None:
    shown = written(screen.render(LIVE, 2_000, None), color=True).splitlines()
    (strong,), (weak,) = ([x for x in shown if s in x] for s in ("005930", "000020"))
    backgrounds = [line.split("48;2;")[1].split("m")[0] for line in (strong, weak)]
    assert backgrounds[0] != backgrounds[1]


def test_it_is_filled_when_history_is_loaded(screen: Screen, inbox: Inbox, make: Maker) -> None:
    assert screen.is_filled()
    inbox.put_status(make.status(2, "starting"))
    screen.refresh(2_000)
    assert not screen.is_filled()
