import http.client
import socket
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.metrics_page import MetricsPage
from server.watching import watchers
from shared.errors import UnavailableError
from shared.settings import ServerSettings
from tests.kit.figures import some_figures
from tests.kit.waiting import LIMIT_S

Sample = tuple[str, str]


@pytest.fixture
def page() -> Iterator[MetricsPage]:
    with MetricsPage(0) as page:
        yield page


def read(port: int, path: str = "/metrics", host: str = "127.0.0.1") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def samples(port: int) -> dict[Sample, float]:
    """Return each number by its name and the value of its label, if it has one."""
    status, text = read(port)
    assert status == 200
    return {
        (sample.name.removeprefix("tickerlens_"), next(iter(sample.labels.values()), "")): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_was_counted_is_read(page: MetricsPage) -> None:
    assert samples(page.port) == {}  # nothing was told yet
    page.tell(some_figures())
    found = samples(page.port)
    assert (found["phase", "live"], found["phase", "failed"]) == (1, 0)
    assert found["cycles_total", ""] == 7
    assert found["cycle_seconds_total", ""] == 0.25
    assert found["bars_accepted_total", ""] == 40
    assert found["bars_total", "halt"] == 4
    assert found["answers_total", "snapshot"] == 3
    assert found["refusals_total", "busy"] == 2
    assert found["explanations_total", "expired"] == 1
    assert (found["connections_total", "admitted"], found["connections_total", "refused"]) == (3, 1)
    assert found["desk_connected", "ada"] == 1
    assert (found["tickers", ""], found["tickers_decided", ""]) == (3, 2)
    assert found["newest_bar_timestamp_seconds", ""] == 1_600_000_000.5


@pytest.mark.parametrize(
    ("path", "host"), [("/", "127.0.0.1"), ("/metrics", "evil.example"), ("/metrics", "")]
)
def test_nothing_else_is_answered(page: MetricsPage, path: str, host: str) -> None:
    page.tell(some_figures())
    status, text = read(page.port, path, host)
    assert status == 404
    assert "tickerlens_" not in text


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=str(port)):
            MetricsPage(port)


def test_without_a_port_nobody_listens_and_with_one_its_page_is_told() -> None:
    with watchers(ServerSettings()) as alone:
        assert len(alone) == 1
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with watchers(ServerSettings(metrics=port)) as watching:
        for tell in watching:
            tell(some_figures())
        assert samples(port)["cycles_total", ""] == 7
