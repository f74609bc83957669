import configparser
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.__main__ import main
from server.service_manager import ServiceManager
from shared import errors
from shared.errors import TickerlensError
from tests.kit.figures import some_figures
from tests.kit.places import ROOT

UNITS = sorted((ROOT / "docs" / "examples" / "systemd").glob("*.service"))


@pytest.fixture
def manager() -> Iterator[tuple[socket.socket, str]]:
    """What systemd listens at, and the name of it, as it stands in the environment."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("")  # the kernel gives it a name outside of the file system
        ear.setblocking(False)
        name: bytes = ear.getsockname()
        yield ear, "@" + name[1:].decode()


def heard(ear: socket.socket) -> list[str]:
    return ear.recv(4_096).decode().split("\n")


def test_ready_alive_and_stopping_are_said(manager: tuple[socket.socket, str]) -> None:
    ear, name = manager
    environ = {"NOTIFY_SOCKET": name, "HOME": "/"}
    with ServiceManager(environ) as service:
        for phase in ("starting", "live", "goodbye"):
            service.tell(some_figures(phase))
    assert heard(ear) == ["READY=1", "STATUS=starting, 3 tickers", "WATCHDOG=1"]
    assert heard(ear) == ["STATUS=live, 3 tickers", "WATCHDOG=1"]
    assert heard(ear) == ["STOPPING=1", "STATUS=goodbye, 3 tickers", "WATCHDOG=1"]
    assert environ == {"HOME": "/"}  # what it starts is not to speak for it


def test_a_socket_in_the_file_system_is_found_too(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(path))
        with ServiceManager({"NOTIFY_SOCKET": str(path)}) as service:
            service.tell(some_figures())
        assert heard(ear)[0] == "READY=1"


def test_a_manager_that_does_not_read_stops_nothing(manager: tuple[socket.socket, str]) -> None:
    with ServiceManager({"NOTIFY_SOCKET": manager[1]}) as service:
        for _ in range(2_000):  # more than the socket holds
            service.tell(some_figures())


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/no/such"}])
def test_without_a_manager_nothing_is_said(environ: dict[str, str]) -> None:
    with ServiceManager(environ) as service:
        service.tell(some_figures())


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_shipped_unit_names_what_there_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(path, encoding="utf-8")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 10  # it is told each second
    known = {e.exit_code for e in vars(errors).values() if is_error(e)} | {2}
    codes = {int(code) for code in service["RestartPreventExitStatus"].split()}
    assert codes <= known
    assert codes.isdisjoint({1, 69})  # these may come right by themselves
    with pytest.raises(SystemExit):
        main(["--help"])
    flags = set(re.findall(r"--[a-z-]+", service["ExecStart"]))
    assert flags <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))


def is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, TickerlensError)


def test_units_are_shipped() -> None:
    assert [path.name for path in UNITS] == ["tickerlens.service", "tickerlens@.service"]
