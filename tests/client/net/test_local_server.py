import functools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from client.net.local_server import RETRY_MS, LocalServer
from shared.endpoints import Endpoints
from shared.keys import ServerKeys
from tests.kit.waiting import wait_for

ENDPOINTS = Endpoints(publish="tcp://127.0.0.1:7", requests="tcp://127.0.0.1:8")
LINE = json.dumps({"publish": ENDPOINTS.publish, "requests": ENDPOINTS.requests})
READY = f"import sys; print({LINE!r}, flush=True)"


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where logs go instead of the user's folder."""
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path))
    return tmp_path


@pytest.fixture
def server(script: str) -> Iterator[LocalServer]:
    server = LocalServer([sys.executable, "-c", script])
    yield server
    server.close()


def ready(server: LocalServer, now_ms: int = 0) -> Endpoints:
    return wait_for(lambda: server.poll(now_ms))


def without_keys(endpoints: Endpoints) -> Endpoints:
    return msgspec.structs.replace(endpoints, keys=None)


def after(lines: Callable[[], list[bytes]], count: int) -> list[bytes]:
    return lines()[count:]


def dead(server: LocalServer) -> str:
    server.poll(0)

    def trouble() -> str:
        server.poll(0)
        return server.trouble if "exit code" in server.trouble else ""

    return wait_for(trouble)


@pytest.mark.parametrize("script", [f"{READY}; sys.stdin.read()"])
def test_it_names_the_endpoints_when_the_server_is_ready(server: LocalServer) -> None:
    assert "starting" in server.trouble
    assert without_keys(ready(server)) == ENDPOINTS


@pytest.mark.parametrize(
    "script",
    [
        f"{READY}; sys.stdin.read()",
        f"{READY}; import time; time.sleep(60)",
        f"import signal; signal.signal(15, signal.SIG_IGN); {READY}; signal.pause()",
    ],
    ids=["leaves when asked", "deaf to the end of its input", "deaf to SIGTERM too"],
)
def test_it_stops_the_server_however_deaf(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.net.local_server.LEAVE_S", 0.2)
    monkeypatch.setattr("client.net.local_server.TERMINATE_S", 0.2)
    ready(server)
    process = server._process
    assert process is not None
    server.close()
    assert process.poll() is not None


@pytest.mark.parametrize("script", ["import sys; sys.exit('no bundle')"])
def test_a_server_that_fails_is_named_with_its_log_and_started_again(
    server: LocalServer, logs: Path
) -> None:
    trouble = dead(server)
    assert "exit code 1" in trouble
    assert str(logs) in trouble
    assert "no bundle" in (logs / "local-server.log").read_text()
    assert server.poll(RETRY_MS - 1) is None
    assert server._process is None
    server.poll(RETRY_MS)
    assert server._process is not None


@pytest.mark.parametrize("script", ["import sys; sys.exit('no bundle')"])
def test_the_log_of_a_server_that_failed_outlives_the_next_start(
    server: LocalServer, logs: Path
) -> None:
    (logs / "local-server.log").write_text("what came before\n")
    dead(server)
    server.poll(RETRY_MS)
    assert server._process is not None
    said = (logs / "local-server.log").read_text().splitlines()
    assert said[:2] == ["what came before", "no bundle"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("script", [f"{READY}; sys.stdin.read()"])
def test_a_link_under_the_name_of_the_log_empties_nothing(server: LocalServer, logs: Path) -> None:
    precious = logs / "precious"
    precious.write_text("dear")
    (logs / "local-server.log").symlink_to(precious)
    assert without_keys(ready(server)) == ENDPOINTS
    assert precious.read_text() == "dear"


@pytest.mark.parametrize("script", [f"{READY}; sys.stdin.read()"])
def test_a_server_that_dies_later_leaves_no_endpoints_behind(server: LocalServer) -> None:
    ready(server)
    assert server._process is not None
    server._process.kill()
    dead(server)
    assert server.poll(0) is None
    assert without_keys(ready(server, RETRY_MS)) == ENDPOINTS


ECHO = f"import sys; line = sys.stdin.readline(); {READY}; print(line, file=sys.stderr)"


@pytest.mark.parametrize("script", [f"{ECHO}; sys.stderr.flush(); sys.stdin.read()"])
def test_it_hands_the_server_keys_that_are_new_each_time(server: LocalServer, logs: Path) -> None:
    seen = set()
    log = logs / "local-server.log"

    def lines() -> list[bytes]:
        return list(filter(None, log.read_bytes().splitlines()))

    for nth, start_ms in enumerate((0, RETRY_MS)):
        found = ready(server, start_ms)
        assert found.keys is not None
        (line,) = wait_for(functools.partial(after, lines, nth))
        handed = msgspec.json.decode(line, type=ServerKeys)
        assert found.keys.server == handed.pair.public
        assert found.keys.pair.public == handed.desk
        assert server._process is not None
        seen |= {handed.pair.secret, found.keys.pair.secret}
        assert not seen & set(str(server._process.args).split())
        server._process.kill()
        dead(server)
    assert len(seen) == 4
