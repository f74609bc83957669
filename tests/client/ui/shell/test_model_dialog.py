import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from client.state.track import HOLDS, NONE_YET
from client.ui.shell.main_window import MainWindow
from client.ui.shell.model_dialog import ModelDialog
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
    card = a_message(ModelCard, card_json=CARD, up_means="up ≥ 1% in 1 day")
    window.apply(market.update(universe=market.make.universe(), card=card))
    window.show()
    qtbot.waitExposed(window)
    return window


def shown(window: MainWindow) -> list[str]:
    (dialog,) = window.findChildren(ModelDialog)
    assert dialog.isVisible()
    return [label.text() for label in dialog.findChildren(QLabel) if not label.isHidden()]


def test_what_is_known_of_the_model_opens_by_key_and_click_and_follows(
    window: MainWindow, market: MadeMarket
) -> None:
    QTest.keyClick(window, Qt.Key.Key_F2)
    assert {NONE_YET, "up ≥ 1% in 1 day"} <= set(shown(window))
    told = {"hit_rate": 0.3, "claimed": 0.45}
    window.apply(market.update(status=market.status(track=a_track(**told, parted=True))))
    words = shown(window)
    assert any(one.startswith("⚠ Fewer come true") for one in words)
    assert {"30.0%", "45.0% said with them", "+0.000 on the card's test"} <= set(words)
    line = window.findChildren(StatusLine)[0]
    server = next(label for label in line.findChildren(QLabel) if "⚠ model" in label.text())
    # Another run may be of another model: nothing of this one stays.
    (dialog,) = window.findChildren(ModelDialog)
    universe = market.make.universe()
    window.apply(market.update(universe=universe, restarted=True))
    assert NONE_YET in shown(window)
    assert not {"30.0%", "up ≥ 1% in 1 day"} & set(shown(window))
    dialog.close()
    window.apply(market.update(status=market.status(track=a_track())))
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=server.geometry().center())
    assert HOLDS in shown(window)
    assert "⚠" not in server.text()
