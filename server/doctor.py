"""`tickerlens-server doctor --feed SOURCE`: what is there, what fails, and what to do about it."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from server.choices import choose
from server.feeds.examination import SourceFinding, examine
from server.feeds.live.settings import LiveSettings
from server.feeds.registry import open_source
from server.feeds.settings import SETTINGS as FEEDS
from shared.command_line import new_parser
from shared.errors import SettingsError, TickerlensError, UnavailableError
from shared.settings import ServerSettings
from shared.settings_flags import add_plugin_settings, given_to_plugin
from shared.settings_layers import load
from shared.version import VERSION

_PROGRAM: Final = "tickerlens-server doctor"
_SIGNS: Final = {True: "ok  ", False: "FAIL"}


def run(words: Sequence[str]) -> Iterator[str]:
    """Yield what is found about a live source, line by line.

    Raises:
        TickerlensError: The command is none, or something was found to fail.
    """
    args = _parser().parse_args(words)
    settings, _ = load("server", ServerSettings, {"feed": args.feed}, file=args.config)
    choices = choose(settings, given_to_plugin(args, "feed"), file=args.config)
    feed = choices.feed
    if not isinstance(feed.settings, LiveSettings):
        raise SettingsError(f"only a live feed has a source to look at, was {feed.name}")
    versions = f"tickerlens {VERSION}, Python {sys.version.split()[0]}"
    findings = [SourceFinding(what="versions", ok=True, detail=versions)]
    try:
        source = open_source(feed.name, choices.argument, feed.settings)
    except TickerlensError as e:
        findings.append(SourceFinding(what="keys and settings", ok=False, detail=str(e)))
    else:
        findings.append(SourceFinding(what="keys and settings", ok=True, detail="are there"))
        findings += asyncio.run(examine(source, feed.settings))
    yield from _told(findings, as_json=args.json)
    failed = [finding.what for finding in findings if not finding.ok]
    if failed:
        raise UnavailableError(f"{feed.name} cannot be played as it is: see {', '.join(failed)}")


def _told(findings: Sequence[SourceFinding], *, as_json: bool) -> Iterator[str]:
    if as_json:
        yield msgspec.json.encode(findings).decode()
        return
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        yield f"{_SIGNS[finding.ok]} {finding.what:<{width}}  {finding.detail}"


def _parser() -> argparse.ArgumentParser:
    parser = new_parser(
        _PROGRAM,
        "Say of a live source what is there, what fails, and what to do. It asks as the server "
        "does, and shares its token where a vendor has one for each client.",
        "docs/feeds.md",
    )
    parser.add_argument("--feed", required=True, help="such as ccxt:upbit or toss")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file of the server")
    parser.add_argument("--json", action="store_true", help="one line of JSON for programs")
    add_plugin_settings(parser, "feed", FEEDS)
    return parser
