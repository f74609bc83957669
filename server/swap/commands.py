"""`tickerlens-server model`: has a running server of this user take over another model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.bundles.files import find_bundle
from server.swap.mailbox import ModelRequest, ask, folder_of
from shared.command_line import new_parser
from shared.settings import ServerSettings
from shared.settings_layers import load

_PROGRAM: Final = "tickerlens-server model"


def run(words: Sequence[str]) -> str:
    """Run the command and return what the server says.

    Raises:
        TickerlensError: There is no such bundle or server, or the server refused it.
    """
    parser = new_parser(
        _PROGRAM,
        "Have the server that runs here take over another model, between two of its cycles.",
        "What does not fit is refused, and the model before goes on: docs/operation.md.",
    )
    parser.add_argument("path", metavar="PATH", help="folder or shipped name of the model")
    parser.add_argument("--publish", metavar="ENDPOINT", help="of the server, where not the usual")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file of the server")
    args = parser.parse_args(words)
    settings, _ = load("server", ServerSettings, {"publish": args.publish}, file=args.config)
    folder = find_bundle(args.path).resolve()
    return ask(folder_of(settings.publish), ModelRequest(folder=str(folder)))
