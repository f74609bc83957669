import json
from pathlib import Path

import pytest

from server.alerts.base import BuyEvent, ServerEvent
from server.alerts.file import FileAlertSettings
from server.alerts.registry import open_alert
from shared.errors import SettingsError

BUY = BuyEvent(
    symbol="005930",
    name="삼성전자",
    confidence=0.5,
    last=70_000.0,
    bar_ms=1,
    made_ms=2,
    model_id="net@01234567",
    simulated=False,
)


def test_every_event_is_a_line_at_the_end_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "buys.jsonl"
    path.write_text('{"old": true}\n')
    alert = open_alert("file", FileAlertSettings(path=str(path)))
    alert.tell(BUY)
    alert.tell(ServerEvent(phase="failed", feed="made", sentence="broke off", made_ms=3))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"old": True}
    assert (lines[1]["type"], lines[1]["symbol"], lines[1]["name"]) == ("buy", "005930", "삼성전자")
    assert (lines[2]["type"], lines[2]["phase"], lines[2]["sentence"]) == (
        "server",
        "failed",
        "broke off",
    )
    alert.close()


@pytest.mark.parametrize("path", ["", "no/such/folder/buys"])
def test_a_file_that_cannot_be_written_is_refused(path: str) -> None:
    with pytest.raises(SettingsError, match="file"):
        open_alert("file", FileAlertSettings(path=path))
