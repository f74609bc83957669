"""What the user chose to play, and who is to be told: plug-ins by name, with their settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server.alerts.base import Alert
from server.alerts.registry import alert_kind, open_alert
from server.alerts.registry import names as alert_names
from server.feeds.base import Feed
from server.feeds.registry import feed_kind, open_feed
from server.feeds.registry import names as feed_names
from shared import plugins
from shared.settings import ServerSettings
from shared.settings_layers import Origins, load, refuse_unknown_tables, show


@dataclass(frozen=True, kw_only=True)
class ChosenPlugin:
    """A feed or an alert that was chosen.

    Attributes:
        section: The table of its settings, such as feed.replay.
        name: Of the kind.
        settings: A record of the kind's settings.
        origins: Where each of them came from.
    """

    section: str
    name: str
    settings: msgspec.Struct
    origins: Origins

    def shown(self) -> str:
        """Return the settings as a TOML table."""
        return show(self.section, self.settings, self.origins)


@dataclass(frozen=True, kw_only=True)
class ChosenPlugins:
    """The feed and the alerts of a server.

    Attributes:
        feed: What is played.
        argument: What stands behind the feed's name and a colon; empty where there is none.
        alerts: Who is told of buys.
    """

    feed: ChosenPlugin
    argument: str
    alerts: tuple[ChosenPlugin, ...]

    def open_feed(self) -> Feed:
        """Return the feed, ready to play.

        Raises:
            TickerlensError: It cannot be played.
        """
        return open_feed(self.feed.name, self.argument, self.feed.settings)

    def open_alerts(self) -> dict[str, Alert]:
        """Return the alerts by name, ready to be told.

        Raises:
            TickerlensError: One cannot be used.
        """
        return {alert.name: open_alert(alert.name, alert.settings) for alert in self.alerts}


def choose(
    settings: ServerSettings, feed_flags: Mapping[str, str], *, file: Path | None = None
) -> ChosenPlugins:
    """Return what the settings choose, with the settings of each from all their layers.

    Args:
        settings: `feed` and `alerts` are used.
        feed_flags: Settings of the feed that were given on the command line.
        file: The settings file, as in `shared.settings_layers.load`.

    Raises:
        SettingsError: There is no feed or alert of a name, or a setting does not fit.
        PluginError: One of a package cannot be used.
    """
    name, _, argument = settings.feed.partition(":")
    kind = feed_kind(name)
    refuse_unknown_tables("feed", feed_names(), file=file)
    refuse_unknown_tables("alert", alert_names(), file=file)
    return ChosenPlugins(
        feed=_chosen("feed", name, kind.settings, feed_flags, file),
        argument=argument,
        alerts=tuple(
            _chosen("alert", alert, alert_kind(alert).settings, {}, file)
            for alert in dict.fromkeys(settings.alerts)
        ),
    )


def _chosen(
    section: str,
    name: str,
    kind: type[msgspec.Struct],
    flags: Mapping[str, str],
    file: Path | None,
) -> ChosenPlugin:
    table = f"{section}.{name}"
    group: plugins.Group = "tickerlens.feeds" if section == "feed" else "tickerlens.alerts"
    with plugins.guarded(group, name):  # a type of settings that is none, or has no words
        settings, origins = load(table, kind, flags, file=file)
    return ChosenPlugin(section=table, name=name, settings=settings, origins=origins)
