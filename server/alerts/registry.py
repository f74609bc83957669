"""From the `alerts` setting to alerts: ours, and those of installed packages."""

from typing import Any, Final

import msgspec

from server.alerts.base import Alert, AlertKind
from server.alerts.file import FILE
from shared import plugins
from shared.errors import SettingsError

GROUP: Final = "tickerlens.alerts"
OURS: Final[dict[str, AlertKind[Any]]] = {"file": FILE}


def names() -> tuple[str, ...]:
    """Return the names of all kinds of alert that there are."""
    return (*OURS, *plugins.names_beside(GROUP, OURS))


def alert_kind(name: str) -> AlertKind[Any]:
    """Return the kind of alert of a name.

    Raises:
        SettingsError: There is none of that name.
        PluginError: A package offers it that cannot be imported, or offers something else.
    """
    if name in OURS:
        return OURS[name]
    if name not in names():
        raise SettingsError(f"alerts are {', '.join(names())}; there is no {name!r}")
    return plugins.load(GROUP, name, AlertKind)


def open_alert(name: str, settings: msgspec.Struct) -> Alert:
    """Return an alert, ready to be told.

    Raises:
        TickerlensError: There is no such alert, or it cannot be used.
    """
    if name in OURS:  # what we do wrong ourselves keeps its traceback
        return OURS[name].open(settings)
    kind = alert_kind(name)
    with plugins.guarded(GROUP, name):
        return kind.open(settings)
