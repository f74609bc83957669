"""The server that the settings of a desk name, or the one that is looked for without them."""

from shared.endpoints import ANY, DEFAULT_PUBLISH, Endpoints, pair, parse
from shared.errors import SettingsError
from shared.settings import DeskSettings


def endpoints_of(settings: DeskSettings) -> Endpoints | None:
    """Return the server that the settings name; None when they leave the choice to the desk.

    Raises:
        SettingsError: An endpoint is not one to connect to, or requests stand without a server.
    """
    if not settings.connect:
        if settings.requests:
            raise SettingsError("requests is set, but connect is not: it names the server")
        return None
    found = pair("connect", settings.connect, settings.requests)
    for setting, endpoint in (("connect", found.publish), ("requests", found.requests)):
        if ANY in parse(setting, endpoint):
            example = f"one host and port, as {DEFAULT_PUBLISH}"
            raise SettingsError(f"{setting} must name {example}, was {endpoint!r}")
    return found


def default_endpoints() -> Endpoints:
    """Return where a server is when nothing says otherwise."""
    return pair("connect", DEFAULT_PUBLISH, "")
