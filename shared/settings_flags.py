"""Settings on a command line: one flag each, made from the settings type."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import msgspec

from shared.errors import SettingsError
from shared.settings import Setting, described


def add_settings(parser: argparse.ArgumentParser, section: str, kind: type[msgspec.Struct]) -> None:
    """Add a flag for each setting, one for the file they stand in, and one that shows them.

    Flags leave the values as text, or None where they are not given: whether a value fits is the
    business of `settings_layers.load`, which says so in the same words for a file.

    Args:
        parser: To add them to.
        section: Their table in the file, and the middle of their names in the environment.
        kind: The settings type.
    """
    group = parser.add_argument_group(
        "settings",
        f"From defaults, the table [{section}] of a TOML file, the environment "
        f"(TICKERLENS_{section.upper()}__NAME) and flags, each before the next.",
    )
    add_flags(group, kind)
    add = parser.add_argument
    add("--config", type=Path, metavar="FILE", help="settings file, instead of the user's own")
    add("--show-settings", action="store_true", help="print all settings and their origin")


def add_flags(group: argparse._ArgumentGroup, kind: type[msgspec.Struct]) -> None:
    """Add a flag for each setting of a type, without a value where it is not given."""
    for setting in described(kind):
        flag = f"--{setting.name.replace('_', '-')}"
        name, words = setting.name, _help(setting)
        if setting.switch:
            action = argparse.BooleanOptionalAction
            group.add_argument(flag, dest=name, action=action, default=None, help=words)
        else:
            group.add_argument(flag, dest=name, metavar=_values(setting), help=words)


def add_plugin_settings(
    parser: argparse.ArgumentParser, section: str, kinds: Mapping[str, type[msgspec.Struct]]
) -> None:
    """Add a flag for each setting of plug-ins that are known beforehand, and one for any other.

    Args:
        parser: To add them to.
        section: One of `shared.settings.PLUGIN_SECTIONS`.
        kinds: By the name of the plug-in, its settings; two may have one of the same name.
    """
    group = parser.add_argument_group(
        f"settings of the {section}",
        f"From defaults, the table [{section}.NAME] of a TOML file, the environment "
        f"(TICKERLENS_{section.upper()}__NAME__SETTING) and flags, each before the next.",
    )
    owners: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        for setting in described(kind):
            owners.setdefault(setting.name, []).append(name)
    known = {setting.name: setting for kind in kinds.values() for setting in described(kind)}
    for name, setting in known.items():
        words = f"{', '.join(owners[name])}: {_help(setting)}"
        flag, dest = f"--{name.replace('_', '-')}", f"{section}.{name}"
        group.add_argument(flag, dest=dest, metavar=_values(setting), help=words)
    group.add_argument(
        f"--{section}-option",
        dest=f"{section}.",
        action="append",
        default=[],
        metavar="SETTING=VALUE",
        help="any setting of the chosen one, also of one of a package; may be repeated",
    )


def given_to_plugin(args: argparse.Namespace, section: str) -> dict[str, str]:
    """Return the values of the flags that `add_plugin_settings` added and that were given.

    Raises:
        SettingsError: An option is not `SETTING=VALUE`.
    """
    prefix = f"{section}."
    options = vars(args)
    values = {
        name.removeprefix(prefix): value
        for name, value in options.items()
        if name.startswith(prefix) and name != prefix and value is not None
    }
    for option in options[prefix]:
        name, equals, value = option.partition("=")
        if not equals:
            raise SettingsError(f"--{section}-option must be SETTING=VALUE, was {option!r}")
        values[name.replace("-", "_")] = value
    return values


def given(args: argparse.Namespace, kind: type[msgspec.Struct]) -> dict[str, object]:
    """Return the values of the flags that `add_flags` added, by setting; None if not given."""
    return {setting.name: getattr(args, setting.name) for setting in described(kind)}


def _help(setting: Setting) -> str:
    default = "" if setting.default_text == "" else f" (default: {setting.default_text})"
    return f"{setting.plain_words}{default}".replace("%", "%%")


def _values(setting: Setting) -> str:
    return f"{{{','.join(setting.choices)}}}" if setting.choices else setting.name.upper()
