"""The methods of explanation as the desk lists them; it knows of each only what was said of it."""

from typing import Final

from shared.explaining import Finding, Grade, MapKind, OfferedMethod
from shared.phrases import in_short, say
from shared.protocol.messages import WindowMap

# Stands in until the first map has come, or the server has said what there is.
UNTOLD: Final = OfferedMethod(
    name="", title="", columns=8, signed=False, kind=MapKind.SCORE, note="", live=True
)


def live_method(heatmap: WindowMap) -> OfferedMethod:
    """Return the method of a published map, as far as the map itself tells."""
    return OfferedMethod(
        name=heatmap.method,
        title=heatmap.title,
        columns=8,
        signed=True,
        kind=heatmap.kind,
        note="",
        live=True,
    )


def remark(method: OfferedMethod) -> str:
    """Return what stands beside a title in a list: the verdict without its reason."""
    parts = (
        say("method.time_only") if method.columns == 1 else "",
        say("method.slow") if method.slow else "",
        in_short(method.verdict) if method.verdict else "",
    )
    return " · ".join(filter(None, parts))


def is_doubtful(method: OfferedMethod) -> bool:
    """Return whether a check of this model found a fault."""
    return method.verdict is not None and method.verdict.finding.grade is Grade.FAULT


def truest_other(methods: tuple[OfferedMethod, ...], shown: OfferedMethod) -> OfferedMethod | None:
    """Return what a method is best held against: the one that brings most news and is truest.

    That is a map of shares which is no mere product of slopes; of those the one that was found to
    have the best order, where that was checked.
    """
    others = [m for m in methods if m != shown and _is_news(m)]
    return max(others, key=_truth, default=None)


def _is_news(method: OfferedMethod) -> bool:
    return method.kind is MapKind.SHARE and method.columns > 1 and method.product_of is None


def _truth(method: OfferedMethod) -> float:
    # The area by which its order beats random ones; the first of several that were not checked.
    verdict = method.verdict
    if verdict is None or verdict.value is None:
        return 0.0
    return verdict.value if verdict.finding in (Finding.TRUE, Finding.TRUE_BEST) else 0.0
