"""A page for Prometheus on the loopback address, which needs the `metrics` extra."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final, Self, get_args

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from server.figures import Figures
from shared.errors import UnavailableError
from shared.protocol.messages import Phase

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_HOST: Final = "127.0.0.1"
_PATIENCE_S: Final = 5.0  # with a reader that asks or reads slowly; the next one waits behind it


class MetricsPage(Collector):
    """Shows the newest figures to who asks for `/metrics`; a thread of its own answers.

    The server's main loop hands over what it has counted anyway, once a second. All else, the text
    included, is made when somebody reads. A context manager that stops the thread.

    Attributes:
        port: Where it listens.

    Args:
        port: Where to listen; 0 takes any free one.

    Raises:
        UnavailableError: The port is taken.
    """

    def __init__(self, port: int) -> None:
        self._figures: Figures | None = None
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        try:
            self._server = HTTPServer((_HOST, port), _handler(registry))
        except OSError as e:
            raise UnavailableError(f"port {port} for metrics cannot be had: {e.strerror}") from e
        self.port = self._server.server_port
        serve = self._server.serve_forever
        self._thread = threading.Thread(target=serve, name="metrics", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        log.info("metrics", url=f"http://{_HOST}:{self.port}/metrics")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(_PATIENCE_S)
        self._server.server_close()

    def tell(self, figures: Figures) -> None:
        """Show these figures from now on."""
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yield all that there is to show; called by Prometheus' client in the page's thread."""
        figures = self._figures
        if figures is None:
            return
        status = figures.status
        phase = GaugeMetricFamily("tickerlens_phase", "1 for what it is at", labels=["phase"])
        for name in get_args(Phase):
            phase.add_metric([name], float(name == status.state))
        yield phase
        yield GaugeMetricFamily("tickerlens_tickers", "tickers watched", status.tickers)
        yield GaugeMetricFamily(
            "tickerlens_tickers_decided", "tickers with a full window", status.decided
        )
        yield GaugeMetricFamily(
            "tickerlens_newest_bar_timestamp_seconds",
            "close of the newest bar",
            status.stamp.newest_bar_ms / 1000,
        )
        yield CounterMetricFamily("tickerlens_cycles", "batches of bars taken", figures.cycles)
        yield CounterMetricFamily(
            "tickerlens_cycle_seconds", "seconds that cycles took", figures.cycle_s
        )
        yield CounterMetricFamily("tickerlens_bars_accepted", "closed bars taken", status.accepted)
        yield _by("tickerlens_bars", "bars refused, mended or cut at", "reason", status.dropped)
        yield _by("tickerlens_answers", "answers sent", "type", figures.answers)
        yield _by("tickerlens_refusals", "refusals sent", "code", figures.refusals)
        yield _by(
            "tickerlens_explanations", "explanations by outcome", "outcome", figures.explanations
        )
        access = figures.access
        counts = {"admitted": access.admitted, "refused": access.refused}
        yield _by("tickerlens_connections", "connections to locked sockets", "outcome", counts)
        desks = GaugeMetricFamily("tickerlens_desk_connected", "1 while it is", labels=["desk"])
        for desk in access.desks:
            desks.add_metric([desk], 1.0)
        yield desks


def _by(name: str, words: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, words, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _handler(registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class MetricsHandler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_S

        def do_GET(self) -> None:
            # A web page may have a name of its own point here, and then read what is not its own.
            host = self.headers.get("Host", "").partition(":")[0]
            if host not in (_HOST, "localhost") or self.path != "/metrics":
                self.send_error(404)
                return
            text = generate_latest(registry)
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass  # who reads each 15 seconds is no news

    return MetricsHandler
