import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zmq

from server.__main__ import main
from shared.protocol import wire
from shared.protocol.answers import Universe
from shared.protocol.messages import Status
from shared.protocol.requests import GetUniverse
from shared.version import VERSION
from tests.kit.absent import run_without
from tests.kit.house import Context
from tests.kit.places import ROOT
from tests.kit.waiting import LIMIT_MS
from tests.kit.warm_python import warm_python

HEADER = "symbol,date,open,high,low,close,volume\n"


@pytest.fixture(autouse=True)
def _nobody_s_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_logs: None) -> None:
    monkeypatch.setattr("shared.settings_layers.default_file", lambda: tmp_path / "none.toml")
    for name in [n for n in os.environ if n.startswith("TICKERLENS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # where journals are, of programs too


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Forty days of one ticker."""
    days = [f"2024-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(40)]
    path = tmp_path / "bars.csv"
    path.write_text(HEADER + "".join(f"005930,{day},100,101,99,100,5\n" for day in days))
    return path


class Process:
    """A server process.

    Attributes:
        endpoints: What it printed when it was ready.
    """

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.popen = popen
        assert popen.stdout is not None
        self.endpoints = json.loads(popen.stdout.readline())

    def leave(self) -> int:
        return self.popen.wait(LIMIT_MS / 1000)


MODULE = ("-m", "server")
STUCK = """
import sys
from server import choices
from server.__main__ import main
from server.feeds.simulated import SimulatedFeed
from tests.kit.feeds import StuckFeed

choices.open_feed = lambda *_: StuckFeed(SimulatedFeed(5, 7).listing)
sys.exit(main(sys.argv[1:]))
"""


@contextmanager
def process(
    *flags: str,
    config: Path,
    program: tuple[str, str] = MODULE,
    python: str | None = None,
) -> Iterator[Process]:
    command = [python or warm_python(), *program, "--publish", "tcp://127.0.0.1:*", "--config"]
    with subprocess.Popen(
        [*command, str(config), *flags],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as popen:
        try:
            yield Process(popen)
        finally:
            popen.kill()


@pytest.fixture
def config(tmp_path: Path, bundle_folder: Path) -> Path:
    path = tmp_path / "tickerlens.toml"
    bundle = json.dumps(str(bundle_folder))
    path.write_text(f"[server]\nbundle = {bundle}\n[feed.simulated]\ntickers = 5\n")
    return path


def states(sub: zmq.Socket[bytes]) -> Iterator[str]:
    while sub.poll(LIMIT_MS):
        message = wire.decode_published(sub.recv_multipart())
        assert isinstance(message, Status)
        yield message.state


@pytest.mark.slow
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_which_says_goodbye(
    context: Context, config: Path, signum: signal.Signals
) -> None:
    with (
        process(config=config) as server,
        context.socket(zmq.SUB) as sub,
        context.socket(zmq.DEALER) as dealer,
    ):
        sub.connect(server.endpoints["publish"])
        sub.subscribe(b"status/")
        dealer.connect(server.endpoints["requests"])
        dealer.send(wire.encode_request(GetUniverse(request_id=1)))
        assert dealer.poll(LIMIT_MS)
        universe = wire.decode_answer(dealer.recv_multipart())[1]
        assert sub.poll(LIMIT_MS)
        server.popen.send_signal(signum)
        assert server.leave() == 0
        assert "goodbye" in states(sub)
    assert isinstance(universe, Universe)
    assert len(universe.symbols) == 5


@pytest.mark.slow
def test_a_feed_that_waits_for_ever_does_not_keep_the_server(config: Path) -> None:
    with process(config=config, program=("-c", STUCK)) as server:
        server.popen.send_signal(signal.SIGTERM)
        assert server.leave() == 0  # the feed never lets go: a server that waited would stay
        assert server.popen.stderr is not None
        said = server.popen.stderr.read().decode()
    assert said.count("the feed does not stop") == 1


@pytest.mark.slow
def test_the_end_of_stdin_stops_a_server_that_was_told_so(config: Path) -> None:
    with process("--stop-with-parent", config=config) as server:
        assert server.popen.stdin is not None
        server.popen.stdin.close()
        assert server.leave() == 0


@pytest.mark.slow
def test_a_replay_may_leave_at_its_end_with_a_report(config: Path, table: Path) -> None:
    flags = ["--feed", f"replay:{table}", "--speed", "max", "--exit-at-end"]
    flags += ["--log-format", "json"]
    # As it is started outside of tests, with all that it loads itself.
    with process(*flags, config=config, python=sys.executable) as server:
        assert server.leave() == 0
        assert server.popen.stderr is not None
        events = [json.loads(line) for line in server.popen.stderr.readlines()]
    (ended,) = [e for e in events if e["event"] == "ended"]
    assert (ended["accepted"], ended["reasons"]) == (40, {"no_session": 15})


def failure(capsys: pytest.CaptureFixture[str], *flags: str) -> tuple[int, str]:
    """Run a command that must fail before it serves; return its code and its one sentence."""
    code = main(["--publish", "tcp://127.0.0.1:*", *flags])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tickerlens-server: ")
    assert err.count("\n") == 1
    return code, err


def test_a_taken_port_is_69(
    capsys: pytest.CaptureFixture[str], context: Context, config: Path
) -> None:
    with context.socket(zmq.ROUTER) as other:
        other.bind("tcp://127.0.0.1:*")
        taken = other.get_string(zmq.LAST_ENDPOINT)
        flags = ("--requests", taken, "--config", str(config))
        code, sentence = failure(capsys, *flags)
    assert code == 69
    assert f"{taken} is taken" in sentence


def test_a_missing_file_is_66(
    capsys: pytest.CaptureFixture[str], config: Path, tmp_path: Path
) -> None:
    flags = ("--feed", f"replay:{tmp_path / 'absent.parquet'}", "--config", str(config))
    code, sentence = failure(capsys, *flags)
    assert code == 66
    assert "absent.parquet" in sentence


def test_an_unknown_column_is_65(
    capsys: pytest.CaptureFixture[str], config: Path, table: Path
) -> None:
    table.write_text(table.read_text().replace("close", "whatever"))
    code, sentence = failure(capsys, "--feed", f"replay:{table}", "--config", str(config))
    assert code == 65
    assert "bars.csv" in sentence
    assert "close" in sentence


def test_a_bundle_that_does_not_fit_its_card_is_65(
    capsys: pytest.CaptureFixture[str], bundle_folder: Path, tmp_path: Path
) -> None:
    card = (bundle_folder / "card.json").read_text()
    (tmp_path / "card.json").write_text(card)
    (tmp_path / "model.safetensors").write_bytes(b"others")
    code, sentence = failure(capsys, "--bundle", str(tmp_path))
    assert code == 65
    assert "SHA-256" in sentence


def test_bars_of_another_length_are_65(
    capsys: pytest.CaptureFixture[str], config: Path, tmp_path: Path
) -> None:
    path = tmp_path / "AAPL.csv"
    minutes = "".join(f"2024-01-02T15:{m:02}:00Z,1,1,1,1,1\n" for m in range(9))
    path.write_text("time,open,high,low,close,volume\n" + minutes)
    code, sentence = failure(capsys, "--feed", f"replay:{path}", "--config", str(config))
    assert code == 65
    assert "--allow-interval" in sentence


@pytest.fixture
def no_settings(tmp_path: Path) -> str:
    path = tmp_path / "empty.toml"
    path.touch()
    return str(path)


def test_a_missing_package_is_69_and_says_how_to_get_it(no_settings: str) -> None:
    ran = run_without("safetensors", "server.__main__", "--config", no_settings)
    assert ran.returncode == 69
    assert ran.stderr == (
        "tickerlens-server: the package safetensors is not installed: "
        'python -m pip install "tickerlens[server]"\n'
    )


@pytest.mark.slow
def test_a_package_that_only_a_feed_needs_is_told_as_well(no_settings: str, table: Path) -> None:
    flags = ("--config", no_settings, "--feed", f"replay:{table}")
    ran = run_without("pandas", "server.__main__", *flags)
    assert ran.returncode == 69
    assert ran.stderr.startswith("tickerlens-server: the package pandas is not installed: ")


def test_a_defect_of_ours_is_not_told_as_a_missing_package(no_settings: str) -> None:
    ran = run_without("models.bundles.facts", "server.__main__", "--config", no_settings)
    assert ran.returncode == 1
    assert "No module named 'models.bundles.facts'" in ran.stderr
    assert "Traceback" in ran.stderr


@pytest.mark.parametrize(
    "flags",
    [
        ("--speed", "0"),
        ("--feed", "live"),
        ("--publish", "tcp://0.0.0.0:5555"),
        ("--log-level", "loud"),
        ("--feed", "replay"),
        ("--feed", "replay:x", "--tickers", "5"),
        ("--feed-option", "color=red"),
        ("--feed-option", "seed"),
        ("--alerts", "smoke"),
        ("--alerts", "file"),
    ],
)
def test_a_wrong_setting_is_78(capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]) -> None:
    assert failure(capsys, *flags)[0] == 78


def shown_settings(
    capsys: pytest.CaptureFixture[str], *flags: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the tables that a command shows, and where each setting came from."""
    assert main([*flags, "--show-settings"]) == 0
    shown = capsys.readouterr().out
    lines = [line for line in shown.splitlines() if " = " in line and not line.startswith("#")]
    return tomllib.loads(shown), {x.split(" = ")[0]: x.split("  # ")[1] for x in lines}


def test_settings_are_shown_with_their_origin(
    capsys: pytest.CaptureFixture[str], config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKERLENS_FEED__SIMULATED__SEED", "11")
    tables, origins = shown_settings(capsys, "--config", str(config), "--exit-at-end")
    server, feed = tables["server"], tables["feed"]["simulated"]
    assert (feed["tickers"], origins["tickers"]) == (5, str(config))
    assert (feed["seed"], origins["seed"]) == (11, "environment")
    assert (server["exit_at_end"], origins["exit_at_end"]) == (True, "flag")
    assert (feed["speed"], origins["speed"]) == (30.0, "default")


def test_settings_of_the_chosen_feed_and_alerts_are_shown(
    capsys: pytest.CaptureFixture[str], config: Path, tmp_path: Path
) -> None:
    with config.open("a") as file:
        file.write(f"[alert.file]\npath = {json.dumps(str(tmp_path / 'buys'))}\n")
    flags = ("--feed", "replay:x", "--from", "2024-01-02", "--feed-option", "warmup=7")
    tables, origins = shown_settings(capsys, "--config", str(config), *flags, "--alerts", "file")
    replay = tables["feed"]["replay"]
    assert (replay["from"], origins["from"]) == ("2024-01-02", "flag")
    assert (replay["warmup"], origins["warmup"]) == (7, "flag")
    assert (tables["alert"]["file"]["path"], origins["path"]) == (
        str(tmp_path / "buys"),
        str(config),
    )


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"tickerlens-server {VERSION}\n"


def test_help_and_settings_need_no_torch() -> None:
    code = (
        "import sys; from server.__main__ import main; main(['--show-settings']);"
        "sys.exit('torch' in sys.modules or 'pandas' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
