"""Structured logs on stderr; stdout stays free for what programs read."""

import logging
import sys
from typing import Literal

import structlog

from shared.log_limit import LogLimit
from shared.plain_text import plain_lines


def configure(form: Literal["auto", "console", "json"], level: str) -> None:
    """Send the logs of all libraries to stderr, one event a line.

    A log that cannot be written is lost and stops nothing. What comes again and again is written
    so often and then counted, and text of others is mere text in a terminal.

    Args:
        form: `auto` is console on a terminal, otherwise JSON.
        level: The least level that is written.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(console=console),
            ],
        )
    )
    handler.addFilter(LogLimit())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # each question of a feed is no event
    logging.captureWarnings(True)
    logging.raiseExceptions = False
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _rendering(*, console: bool) -> list[structlog.typing.Processor]:
    if console:
        # Its usual tracebacks print the values of variables, and secrets among them.
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=plain
        )
        return [_plain, renderer]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _plain(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    # JSON escapes what a terminal would obey; this form does not.
    return {key: plain_lines(v) if isinstance(v, str) else v for key, v in event.items()}
