"""What a desk may ask, as frozen, typed records."""

from typing import Annotated

import msgspec

from shared.explaining import MethodName
from shared.limits import MAX_BARS, Count, EpochMs, Symbol
from shared.protocol.envelope import PROTOCOL, Major


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The root of what a desk may ask.

    Attributes:
        protocol: The major version of this protocol.
        request_id: Chosen by the desk, comes back with the answer: any whole number of MessagePack,
            from -2**63 to 2**64 - 1.
    """

    protocol: Major = PROTOCOL
    request_id: int


class GetUniverse(Request, frozen=True, kw_only=True, tag="universe"):
    """Ask for `Universe`."""


class GetSnapshot(Request, frozen=True, kw_only=True, tag="snapshot"):
    """Ask for `Snapshot`."""


class GetModel(Request, frozen=True, kw_only=True, tag="model"):
    """Ask for `ModelCard`."""


class GetBuys(Request, frozen=True, kw_only=True, tag="buys"):
    """Ask for `BuyLog`.

    Attributes:
        after: The newest sequence number of `buy` that the desk has; 0 for all.
    """

    after: Count = 0


class GetBars(Request, frozen=True, kw_only=True, tag="bars"):
    """Ask for `Bars`.

    Attributes:
        symbol: The ticker.
        count: How many bars at most.
    """

    symbol: Symbol
    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_BARS)] = 240


class GetHeatmap(Request, frozen=True, kw_only=True, tag="heatmap"):
    """Ask for `Heatmap`.

    Attributes:
        symbol: The ticker.
    """

    symbol: Symbol


class GetMethods(Request, frozen=True, kw_only=True, tag="methods"):
    """Ask for `Methods`."""


class GetExplanation(Request, frozen=True, kw_only=True, tag="explain"):
    """Ask for `Explanation`, of the window that the ticker has when the request arrives.

    Attributes:
        symbol: The ticker.
        method: One of `Methods.names`.
        target: The class to explain; None is the winner.
    """

    symbol: Symbol
    method: MethodName
    target: int | None = None


class GetPastBuys(Request, frozen=True, kw_only=True, tag="past_buys"):
    """Ask for `PastBuys`.

    Attributes:
        symbol: The ticker.
        count: How many buys at most, the newest.
    """

    symbol: Symbol
    count: Annotated[int, msgspec.Meta(ge=1, le=MAX_BARS)] = 240


class GetPastWindow(Request, frozen=True, kw_only=True, tag="past_window"):
    """Ask for `PastWindow`.

    Attributes:
        symbol: The ticker.
        bar_ms: Close of the bar that was decided on, ms since 1970 UTC.
    """

    symbol: Symbol
    bar_ms: EpochMs


class Ping(Request, frozen=True, kw_only=True, tag="ping"):
    """Ask for `Pong`: proves that requests are answered, which no published message does."""


class Cancel(Request, frozen=True, kw_only=True, tag="cancel"):
    """Want the answer to a `GetExplanation` no more; ask for `Canceled`.

    Attributes:
        cancels: The id of that request.
    """

    cancels: int


AboutPast = GetPastBuys | GetPastWindow

AnyRequest = (
    GetUniverse
    | GetSnapshot
    | GetModel
    | GetBuys
    | GetBars
    | GetHeatmap
    | GetMethods
    | GetExplanation
    | GetPastBuys
    | GetPastWindow
    | Ping
    | Cancel
)
