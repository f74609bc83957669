import errno
import io
import json
import logging
import sys

import pytest
import structlog

from server import logs
from shared.log_limit import SAME

pytestmark = pytest.mark.usefixtures("free_logs")


class FullDisk(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_json_is_one_event_a_line_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "info")
    structlog.get_logger("server.test").info("ended", accepted=7)
    logging.getLogger("library").warning("careful with %s", "this")
    out, err = capfd.readouterr()
    ours, theirs = map(json.loads, err.splitlines())
    assert out == ""
    assert (ours["event"], ours["accepted"], ours["level"]) == ("ended", 7, "info")
    assert ours["logger"] == "server.test"
    assert ours["timestamp"].endswith("Z")
    assert (theirs["event"], theirs["level"]) == ("careful with this", "warning")


def test_console_is_for_people(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("console", "info")
    structlog.get_logger("server.test").info("ended", accepted=7)
    line = capfd.readouterr().err
    assert "ended" in line
    assert "accepted=7" in line


def test_auto_is_json_where_nobody_sits(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("auto", "info")
    structlog.get_logger().info("ended")
    assert json.loads(capfd.readouterr().err)["event"] == "ended"


def test_what_is_below_the_level_is_not_written(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "warning")
    structlog.get_logger().info("ended")
    assert capfd.readouterr().err == ""


def test_a_traceback_is_kept(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "info")
    try:
        int("seven")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError: invalid literal" in json.loads(capfd.readouterr().err)["exception"]


def test_a_traceback_on_a_terminal_tells_no_values(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("console", "info")
    hidden = "".join(["to", "ken"])
    try:
        int("seven" if hidden else "")
    except ValueError:
        structlog.get_logger().exception("failed")
    said = capfd.readouterr().err
    assert "ValueError: invalid literal" in said
    assert hidden not in said


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", FullDisk())
    logs.configure("json", "info")
    structlog.get_logger().info("ended")


def test_text_of_others_moves_no_cursor_of_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    logs.configure("console", "info")
    structlog.get_logger().info("feed \x1b[2J", label="\x1b]52;c;AAAA\x07\u202eX\x9b31m")
    logging.getLogger("library").warning("careful with %s", "\x1b[31m")
    said = capfd.readouterr().err
    assert "X31m" in said
    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(said)


def test_what_comes_again_and_again_is_written_so_often_and_no_more(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.configure("json", "info")
    for nth in range(SAME + 50):
        structlog.get_logger().warning("refused", nth=nth)
    structlog.get_logger().warning("another")
    events = [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()]
    assert events == ["refused"] * SAME + ["another"]
