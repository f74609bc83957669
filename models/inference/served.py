"""A bundle as it is served: without torch where a stack computes it, with torch where none can."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from models.bundles.facts import BundleFacts, read_facts, read_sizes
from models.bundles.files import CARD_FILE, WEIGHTS_FILE, BundleFiles
from models.bundles.trial import try_out
from models.bundles.weights import WeightArrays, check_size, read_weights
from models.inference.compiled import fastest_stack
from models.inference.relu_stack import Convolution
from models.inference.scorer import Scorer
from models.networks.stacks import STACKS, LayerShape, StackKind
from models.networks.traits import Trait
from shared.contract import STEPS, Class, Float64

if TYPE_CHECKING:
    from models.bundles.bundle import Bundle

# What a kind of `STACKS` consists of.
_OF_STACK: Final = frozenset({Trait.RELU, Trait.CONVOLUTIONS, Trait.LINEAR_HEAD})


@dataclass(frozen=True, kw_only=True, eq=False)
class Served(BundleFacts):
    """A model with what computes it.

    Attributes:
        scorer: It.
        why_torch: Why torch computes, and not the faster stack; empty where that does.
        traits: What is inside the network.
    """

    scorer: Scorer
    why_torch: str
    traits: frozenset[Trait]


def read_served(files: BundleFiles, origin: str) -> Served:
    """Return the model that these files hold; torch is loaded where it is needed.

    Args:
        files: Of a bundle.
        origin: Where they are from, for sentences.

    Raises:
        BundleError: A file does not fit the card or the contract; or the network is of a package
            that is not installed.
        PluginError: It needs a feature set that no installed package offers, or that fails; or
            another package's network, which cannot be built.
    """
    facts = read_facts(files, origin)
    kind = STACKS.get(facts.card.network.kind)
    if kind is None:
        from models.bundles.bundle import build_bundle

        return served_of(build_bundle(files, origin))
    stack = _read_stack(facts, kind, files.weights, origin)
    return _served(facts, stack, "", _OF_STACK)


def served_of(bundle: "Bundle") -> Served:
    """Return the model that torch holds, computed by a stack where it declares one."""
    from models.inference.choice import scorer_of
    from models.networks.ensemble import traits_there

    chosen = scorer_of(bundle.network)
    return _served(bundle, chosen.scorer, chosen.why_torch, traits_there(bundle.network))


def _served(facts: BundleFacts, scorer: Scorer, why_torch: str, traits: frozenset[Trait]) -> Served:
    return Served(
        card=facts.card,
        card_json=facts.card_json,
        feature_set=facts.feature_set,
        scorer=scorer,
        why_torch=why_torch,
        traits=traits,
    )


def _read_stack(facts: BundleFacts, kind: StackKind, content: bytes, origin: str) -> Scorer:
    card, path = facts.card, Path(origin, WEIGHTS_FILE)
    layers = kind.layers(read_sizes(card, origin, kind.sizes))
    members = card.network.members
    numbers = sum(int(np.prod(layer.shape)) + layer.shape[0] for layer in layers)
    check_size(Path(origin, CARD_FILE), members * numbers)
    prefixes = [""] if members == 1 else [f"members.{nth}." for nth in range(members)]
    expected = {
        prefix + name: ("float32", shape)
        for prefix in prefixes
        for layer in layers
        for name, shape in ((layer.weight, layer.shape), (layer.bias, layer.shape[:1]))
    }
    stack = _stack(read_weights(path, content, card, expected), prefixes, layers)
    try_out(stack, card.calibration.static, path)
    return stack


def _stack(weights: WeightArrays, prefixes: list[str], layers: tuple[LayerShape, ...]) -> Scorer:
    def joined(name: str) -> Float64:
        parts: list[npt.NDArray[Any]] = [weights[prefix + name] for prefix in prefixes]
        return np.stack(parts).astype(np.float64)

    *convolutions, head = layers
    return fastest_stack(
        [Convolution(weight=joined(c.weight), bias=joined(c.bias)) for c in convolutions],
        joined(head.weight).reshape(len(prefixes), len(Class), -1, STEPS),
        joined(head.bias).mean(axis=0),
    )
