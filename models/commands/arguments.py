"""Arguments that several sub-commands take, and the bars they name."""

import argparse

import msgspec

from models.data.sources.reader import ReadBars, read_bars
from shared.errors import SettingsError
from shared.reading import ReadOptions
from shared.settings_flags import add_flags, given


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the sources of bars, and how to read them."""
    parser.add_argument("data", nargs="+", help="files of bars, or folders of them")
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add how to read files of bars."""
    group = parser.add_argument_group(
        "reading", "What the files do not tell by themselves; docs/sources.md has more."
    )
    add_flags(group, ReadOptions)


def read_options(args: argparse.Namespace) -> ReadOptions:
    """Return what the arguments of `add_reading` say.

    Raises:
        SettingsError: A value does not fit.
    """
    said = {name: value for name, value in given(args, ReadOptions).items() if value is not None}
    try:
        return msgspec.convert(said, ReadOptions, strict=False)
    except msgspec.ValidationError as e:
        raise SettingsError(str(e)) from e


def read_data(args: argparse.Namespace) -> ReadBars:
    """Return the bars that the arguments of `add_data` name, and what was understood of them.

    Raises:
        InputMissingError: A file does not exist or cannot be opened.
        DataError: A file is not what it must be, or the sources do not belong together.
        SettingsError: An argument does not fit.
    """
    return read_bars(args.data, read_options(args))
