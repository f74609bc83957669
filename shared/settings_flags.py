"""Settings on a command line: one flag each, made from the settings type."""

import argparse
from pathlib import Path

import msgspec

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
    for setting in described(kind):
        flag = f"--{setting.name.replace('_', '-')}"
        name, words = setting.name, _help(setting)
        if setting.switch:
            action = argparse.BooleanOptionalAction
            group.add_argument(flag, dest=name, action=action, default=None, help=words)
        else:
            group.add_argument(flag, dest=name, metavar=_values(setting), help=words)
    add = parser.add_argument
    add("--config", type=Path, metavar="FILE", help="settings file, instead of the user's own")
    add("--show-settings", action="store_true", help="print all settings and their origin")


def given(args: argparse.Namespace, kind: type[msgspec.Struct]) -> dict[str, object]:
    """Return the values of the flags that `add_settings` added, by setting; None if not given."""
    return {setting.name: getattr(args, setting.name) for setting in described(kind)}


def _help(setting: Setting) -> str:
    default = "" if setting.default == "" else f" (default: {setting.default_text})"
    return f"{setting.plain_words}{default}".replace("%", "%%")


def _values(setting: Setting) -> str:
    return f"{{{','.join(setting.choices)}}}" if setting.choices else setting.name.upper()
