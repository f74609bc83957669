"""The command `tickerlens-server`."""

import argparse
import sys
from collections.abc import Sequence

from shared.command_line import INTERRUPTED, new_parser
from shared.errors import TickerlensError
from shared.extras import needs
from shared.settings import ServerSettings
from shared.settings_flags import add_settings, given

_PROGRAM = "tickerlens-server"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    args = _parser().parse_args(argv)
    try:
        _run(args)
    except TickerlensError as e:
        sys.stderr.write(f"{_PROGRAM}: {e}\n")
        return e.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED  # while starting only, later the server just stops
    return 0


def _run(args: argparse.Namespace) -> None:
    # Not above: `--help` asks for none of it.
    from shared.settings_layers import load, show

    flags = given(args, ServerSettings)
    settings, origins = load("server", ServerSettings, flags, file=args.config)
    if args.show_settings:
        sys.stdout.write(f"{show('server', settings, origins)}\n")
    else:
        _serve(settings, stop_with_parent=args.stop_with_parent)


def _serve(settings: ServerSettings, *, stop_with_parent: bool) -> None:
    # torch takes a second to import, and none of it is there without the extra; pandas is loaded
    # with the first feed that needs it.
    with needs("server"):
        from server import daemon, logs

        logs.configure(settings.log_format, settings.log_level)
        daemon.run(settings, stop_with_parent=stop_with_parent)


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(
        _PROGRAM,
        "Score and explain a whole market, and say so over ZeroMQ.",
        "docs/operation.md has more.",
    )
    add_settings(parser, "server", ServerSettings)
    parser.add_argument("--stop-with-parent", action="store_true", help="stop when stdin ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
