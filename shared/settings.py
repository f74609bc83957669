"""What can be set. The words of a setting stand once, in its type, as its default does.

`--help`, the flags, the comments of `--show-settings` and the tables in docs/ are made from here.
"""

from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from shared.endpoints import DEFAULT_PUBLISH
from shared.palettes import PALETTE_WORDS, PaletteName


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[server]` table; what each setting is for is said in its type."""

    feed: Annotated[
        str,
        Meta(
            description="`simulated`; `replay:PATH`: a Parquet file, a CSV file, or a folder of "
            "CSV files; or the name of one of a package"
        ),
    ] = "simulated"
    bundle: Annotated[
        str, Meta(description="name of a shipped model, or the folder of one of your own")
    ] = "krx-daily"
    publish: Annotated[
        str, Meta(description="where messages are published; port `*` takes any free one")
    ] = DEFAULT_PUBLISH
    requests: Annotated[
        str,
        Meta(description="where requests are answered; empty means the port after `publish`"),
    ] = ""
    keys: Annotated[
        str,
        Meta(
            description="folder of the server's keys and of the list of whom it lets in; empty for "
            "`keys` beside the user's settings file"
        ),
    ] = ""
    require_keys: Annotated[
        bool,
        Meta(
            description="let in only who has a key that is allowed, on loopback addresses too; on "
            "all others it is always so"
        ),
    ] = False
    alerts: Annotated[
        tuple[str, ...],
        Meta(description="who is told of each buy beside the desks: `file`, or one of a package"),
    ] = ()
    journal: Annotated[
        str,
        Meta(
            description="folder in which is kept what was said, why, and what came true; empty for "
            "one of its own for each source of bars, in the user's data folder; `off` keeps nothing"
        ),
    ] = ""
    journal_days: Annotated[
        int,
        Meta(ge=0, description="days after which the journal forgets a buy; 0 is never"),
    ] = 0
    journal_bar_days: Annotated[
        int,
        Meta(
            ge=1,
            description="days after which it forgets the bars and the decision on each, of which "
            "past decisions are explained",
        ),
    ] = 30
    jump_limit: Annotated[
        float,
        Meta(
            gt=0,
            description="a move beyond this share between two closes is a split, which cuts the "
            "series",
        ),
    ] = 0.31
    recalibrate: Annotated[
        bool,
        Meta(
            description="let confidences follow what came true; off keeps the model's own "
            "calibration"
        ),
    ] = True
    allow_interval: Annotated[
        bool, Meta(description="play bars of another length than the model was trained on")
    ] = False
    exit_at_end: Annotated[
        bool,
        Meta(description="leave when the feed has no more bars, instead of staying to answer"),
    ] = False
    metrics: Annotated[
        int,
        Meta(
            ge=0,
            le=65_535,
            description="port of 127.0.0.1 where Prometheus reads counters, which needs the extra "
            "`metrics`; 0 is none",
        ),
    ] = 0
    log_format: Annotated[
        Literal["auto", "console", "json"],
        Meta(description="how the log is written; `auto` is console on a terminal, else JSON"),
    ] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="the least level that is written"),
    ] = "info"


class DeskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[desk]` table; what each setting is for is said in its type."""

    connect: Annotated[
        str,
        Meta(
            description="the server's `publish` endpoint; empty tries "
            f"`{DEFAULT_PUBLISH}`, and starts a local simulated server if none answers"
        ),
    ] = ""
    requests: Annotated[
        str,
        Meta(description="where the server answers; empty means the port after `connect`"),
    ] = ""
    invite: Annotated[
        str,
        Meta(
            description="file of a server that asks for keys: where it is, and what opens it; "
            "`connect` may name another way to it"
        ),
    ] = ""
    theme: Annotated[
        Literal["auto", "dark", "light"],
        Meta(description="of the windows; `auto` is what the system has"),
    ] = "auto"
    palette: Annotated[
        Literal["auto", PaletteName],
        Meta(description=f"colors of price moves: {PALETTE_WORDS}; `auto` follows the language"),
    ] = "auto"
    buy_from: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            description="percent of the model's own confidences that a buy must exceed to stand "
            "under *Buys*; 0 is what the model's card says",
        ),
    ] = 0.0
    tint: Annotated[
        Literal["model", "absolute"],
        Meta(
            description="scale of the color of rows: the confidences that the model itself has, or "
            "from chance to certainty for all models"
        ),
    ] = "model"


SECTIONS: Final[dict[str, type[msgspec.Struct]]] = {"server": ServerSettings, "desk": DeskSettings}
# Beside them stand tables of tables: the settings of each feed and alert, by its name.
PLUGIN_SECTIONS: Final = ("feed", "alert")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting, as people are told of it.

    Attributes:
        name: In a file; a flag has dashes in place of underscores.
        default: What holds when nothing says otherwise.
        words: What it is for; names stand between backticks.
        choices: All its values, where they are few; else empty.
        switch: Whether it is on or off.
        secret: Whether its value is shown to nobody: `Meta(…, extra={"secret": True})` says so.
    """

    name: str
    default: object
    words: str
    choices: tuple[str, ...]
    switch: bool
    secret: bool

    @property
    def plain_words(self) -> str:
        """The words for a terminal, where backticks only disturb."""
        return self.words.replace("`", "")

    @property
    def default_text(self) -> str:
        """The default as people write it; empty where that is the default."""
        if isinstance(self.default, bool):
            return "on" if self.default else "off"
        if isinstance(self.default, tuple):
            return ", ".join(self.default)
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


def described(kind: type[msgspec.Struct]) -> tuple[Setting, ...]:
    """Return the settings of a type, in its order; each is `Annotated` with a `Meta` that says it.

    Raises:
        TypeError: A field has no words.
    """
    return tuple(_setting(field) for field in msgspec.structs.fields(kind))


def _setting(field: msgspec.structs.FieldInfo) -> Setting:
    metas = [meta for meta in get_args(field.type)[1:] if isinstance(meta, Meta)]
    words = metas[0].description if len(metas) == 1 else None
    if not words:
        raise TypeError(f"the setting {field.encode_name} has no words: annotate it with a Meta")
    value_type: Any = get_args(field.type)[0]
    literal = get_origin(value_type) is Literal
    return Setting(
        name=field.encode_name,
        default=field.default,
        words=words,
        choices=get_args(value_type) if literal else (),
        switch=value_type is bool,
        secret=bool((metas[0].extra or {}).get("secret")),
    )
