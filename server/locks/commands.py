"""`tickerlens-server keys`: makes keys, and says who is let in; what runs follows at once."""

import argparse
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from server.locks.allow_list import allow, read_list, revoke
from server.locks.key_folder import KeyFolder, new_pair
from shared import secret_files
from shared.command_line import new_parser
from shared.endpoints import ANY, Endpoints, pair, parse
from shared.errors import SettingsError, TickerlensError
from shared.keys import DeskKeys, Invite
from shared.settings import ServerSettings
from shared.settings_layers import load

_PROGRAM: Final = "tickerlens-server keys"
_ALL_HOSTS: Final = (ANY, "0.0.0.0", "[::]")  # noqa: S104 - told from others, not bound
_ARGUMENTS: Final = {
    "name": "what the server calls it: up to 32 letters, digits, '.', '-' and '_'",
    "key": "40 letters, in quotes; after -- if the first one is a dash",
}

_Handler = Callable[[KeyFolder, ServerSettings, argparse.Namespace], str]


def run(words: Sequence[str]) -> str:
    """Run a command and return what it says.

    Raises:
        TickerlensError: It cannot be done.
    """
    args = _parser().parse_args(words)
    flags = {"keys": None if args.keys is None else str(args.keys)}
    settings, _ = load("server", ServerSettings, flags, file=args.config)
    said: str = args.handler(KeyFolder(settings), settings, args)
    return said


def _keygen(folder: KeyFolder, _settings: ServerSettings, _args: argparse.Namespace) -> str:
    made = folder.make_pair()
    return (
        f"{folder.pair} holds the server's keys. The public one, which may be known to all, is\n"
        f"{made.public}\n"
        f"Let a desk in: {_PROGRAM} invite NAME"
    )


def _allow(folder: KeyFolder, _settings: ServerSettings, args: argparse.Namespace) -> str:
    secret_files.make_folder(folder.allowed.parent)
    allow(folder.allowed, args.name, args.key)
    return f"{args.name} is let in"


def _revoke(folder: KeyFolder, _settings: ServerSettings, args: argparse.Namespace) -> str:
    revoke(folder.allowed, args.name)
    return f"{args.name} is let in no longer"


def _invite(folder: KeyFolder, settings: ServerSettings, args: argparse.Namespace) -> str:
    server, made = folder.read_pair().public, new_pair()
    where = _endpoints(settings, args)
    invite = Invite(
        name=args.name,
        connect=where.publish,
        requests=where.requests,
        keys=DeskKeys(server=server, pair=made),
    )
    file = args.to or Path(f"{args.name}.invite")
    secret_files.create(file, msgspec.json.format(msgspec.json.encode(invite)).decode() + "\n")
    try:
        allow(folder.allowed, args.name, made.public)
    except TickerlensError:
        file.unlink()
        raise
    return (
        f"{file} lets in who has it, as {args.name}. Bring it to the desk by a safe way, then\n"
        f"tickerlens --invite {shlex.quote(str(file))}"
    )


def _endpoints(settings: ServerSettings, args: argparse.Namespace) -> Endpoints:
    if args.connect is None:
        found = pair("publish", settings.publish, settings.requests)
    else:
        found = pair("connect", args.connect, args.requests or "")
    for endpoint in (found.publish, found.requests):
        address = parse("connect", endpoint)
        if address.host in _ALL_HOSTS or address.port == ANY:
            raise SettingsError(
                f"how does the desk reach {endpoint}? Say so by --connect tcp://HOST:PORT"
            )
    return found


def _list(folder: KeyFolder, _settings: ServerSettings, _args: argparse.Namespace) -> str:
    names = read_list(folder.allowed) if folder.allowed.exists() else {}
    return "\n".join(f"{name} {key}" for key, name in names.items()) or "nobody is let in"


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(_PROGRAM, "Say who may connect, and with which keys.", "docs/security.md")
    parser.add_argument("--keys", type=Path, metavar="FOLDER", help="folder of the server's keys")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file of the server")
    commands = parser.add_subparsers(required=True)

    def add(name: str, handler: _Handler, purpose: str, *arguments: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=purpose, description=purpose)
        command.set_defaults(handler=handler)
        for argument in arguments:
            command.add_argument(argument, help=_ARGUMENTS[argument])
        return command

    add("keygen", _keygen, "make the server's own keys")
    add("allow", _allow, "let in who has the secret half of a key", "name", "key")
    add("revoke", _revoke, "let somebody in no longer, at once", "name")
    add("list", _list, "print who is let in, by which key")
    invite = add("invite", _invite, "make keys for a desk, let it in, write what it opens", "name")
    invite.add_argument("--connect", metavar="ENDPOINT", help="the server, as the desk reaches it")
    invite.add_argument("--requests", metavar="ENDPOINT", help="if not the port after --connect")
    invite.add_argument("--to", type=Path, metavar="FILE", help="default NAME.invite")
    return parser
