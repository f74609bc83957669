"""Who watches over the server: the service manager, and Prometheus if a port was set."""

import contextlib
import os
from collections.abc import Iterator

from server.figures import TellFigures
from server.service_manager import ServiceManager
from shared.extras import needs
from shared.settings import ServerSettings


@contextlib.contextmanager
def watchers(settings: ServerSettings) -> Iterator[tuple[TellFigures, ...]]:
    """Yield whom to tell the newest figures, once a second; they end with the context.

    Args:
        settings: `metrics` is used.

    Raises:
        UnavailableError: The port of the metrics is taken, or their extra is not installed.
    """
    with ServiceManager(os.environ) as manager:
        if settings.metrics == 0:
            yield (manager.tell,)
            return
        with needs("metrics"):  # one in many reads them, and the package is no small one
            from server.metrics_page import MetricsPage
        with MetricsPage(settings.metrics) as page:
            yield manager.tell, page.tell
