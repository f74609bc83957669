import subprocess
import sys

import pytest

from tests.kit.imports import imports_of
from tests.kit.live_server import StartServer
from tests.kit.places import ROOT
from tests.kit.waiting import LIMIT_S

CLIENT = ROOT / "docs" / "examples" / "plain_client.py"


def test_the_plain_client_knows_only_the_protocol() -> None:
    assert imports_of(CLIENT) <= {"msgpack", "zmq", "struct", "sys", "typing"}
    assert len(CLIENT.read_text(encoding="utf-8").splitlines()) < 60


@pytest.mark.slow
def test_the_plain_client_follows_a_live_server(start_server: StartServer) -> None:
    server = start_server("--feed", "simulated", "--tickers", "30", "--speed", "480")
    run = subprocess.run(
        [sys.executable, CLIENT, server.publish, server.requests, "60"],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    first, *lines = run.stdout.splitlines()
    assert "goes up with a confidence of" in first
    grid = [[float(cell) for cell in line.split()[1:]] for line in lines[:6]]
    assert [len(row) for row in grid] == [8] * 6
    assert any(cell != 0 for row in grid for cell in row)
    assert len(lines) == 6 + 60
    assert {line.split()[0] for line in lines[6:]} >= {"confidence", "status"}
