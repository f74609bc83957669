import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.state.track import HOLDS, NONE_YET
from client.ui.shell.main_window import MainWindow
from client.ui.shell.track_dialog import TrackDialog
from client.ui.theme.theme import Theme
from client.ui.widgets.status_line import StatusLine
from shared.protocol.answers import ModelCard
from tests.kit.cards import a_card
from tests.kit.fake_link import FakeLink
from tests.kit.made_market import MadeMarket
from tests.kit.messages import a_message, a_track

CARD = msgspec.json.encode(a_card("ab" * 32)).decode()


@pytest.fixture
def window(link: FakeLink, theme: Theme, market: MadeMarket, qtbot: QtBot) -> MainWindow:
    window = MainWindow(link, theme)
    qtbot.addWidget(window)
    card = a_message(ModelCard, card_json=CARD)
    window.apply(market.update(universe=market.make.universe(), card=card))
    window.show()
    qtbot.waitExposed(window)
    return window


def shown(window: MainWindow) -> list[str]:
    (dialog,) = window.findChildren(TrackDialog)
    assert dialog.isVisible()
    return [label.text() for label in dialog.findChildren(QLabel) if not label.isHidden()]


def test_the_record_of_the_model_opens_by_key_and_click_and_follows(
    window: MainWindow, market: MadeMarket
) -> None:
    QTest.keyClick(window, Qt.Key.Key_F2)
    assert NONE_YET in shown(window)
    told = {"hit_rate": 0.3, "claimed": 0.45}
    window.apply(market.update(status=market.status(track=a_track(**told, parted=True))))
    words = shown(window)
    assert any(one.startswith("⚠ Fewer come true") for one in words)
    assert {"30.0%", "45.0% said with them", "+0.000 on the card's test"} <= set(words)
    line = window.findChildren(StatusLine)[0]
    server = next(label for label in line.findChildren(QLabel) if "⚠ model" in label.text())
    # Another run may be of another model: nothing of this one stays.
    (dialog,) = window.findChildren(TrackDialog)
    universe = market.make.universe()
    window.apply(market.update(universe=universe, restarted=True))
    assert NONE_YET in shown(window)
    assert "30.0%" not in shown(window)
    dialog.close()
    window.apply(market.update(status=market.status(track=a_track())))
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=server.geometry().center() - QPoint(0, 0))
    assert HOLDS in shown(window)
    assert "⚠" not in server.text()
