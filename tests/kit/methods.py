"""Methods as a server offers them, for tests; a test names only what it is about."""

from typing import Any

from shared.explaining import Finding, MapKind, OfferedMethod, Verdict

FAULT = Verdict(finding=Finding.BLIND_TO_HEAD, value=0.57, limit=0.3)


def a_method(name: str, title: str, **changes: Any) -> OfferedMethod:
    """A signed slope of cells that was not checked."""
    fields: dict[str, Any] = {"columns": 8, "signed": True, "kind": MapKind.SLOPE, "note": ""}
    return OfferedMethod(name=name, title=title, **(fields | changes))


LIVE = a_method("saliency", "Saliency", live=True)
PRODUCT = a_method("gradient_x_input", "Gradient × input", kind=MapKind.SHARE, product_of=LIVE.name)
CAM = a_method(
    "grad_cam",
    "Grad-CAM",
    columns=1,
    signed=False,
    kind=MapKind.SCORE,
    note="Features are summed away.",
)
UNSIGNED = a_method("abs_gradient", "|Gradient|", signed=False, kind=MapKind.SCORE)
GUIDED = a_method(
    "guided_backprop",
    "Guided backpropagation",
    verdict=FAULT,
)
INTEGRATED = a_method("integrated_gradients", "Integrated Gradients", kind=MapKind.SHARE)
KNOWN = {m.name: m for m in (LIVE, PRODUCT, CAM, UNSIGNED, GUIDED, INTEGRATED)}
