"""How maps bear small changes: noise, a step of one bar, and noise that was chosen to deceive.

Windows are in scaled units, so a radius of 0.1 is a tenth of each feature's standard deviation. An
attacked window need not be one that bars can make: its eight features are moved by themselves.
"""

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import numpy as np
import torch
from captum.metrics import sensitivity_max
from captum.robust import FGSM, PGD
from torch import Tensor, nn

from models.evaluation.explanations.sanity import similarity
from models.evaluation.metrics.classification import area_under_roc
from models.explain.attribution import attribute
from models.explain.method import Method
from shared.contract import Float32, Float64, Int64
from shared.explaining import MapKind

NOISE: Final = 0.02
_DRAWS: Final = 8
_PGD_STEPS: Final = 10


def max_sensitivity(network: nn.Module, method: Method, scaled: Float32, target: Int64) -> Float64:
    """Return the (n,) greatest relative change of a map among windows within `NOISE` of it.

    Yeh et al., "On the (in)fidelity and sensitivity of explanations", NeurIPS 2019: the maximum
    over draws of |map' - map| / |map|, Euclidean. Every window gets the same draws.

    Args:
        network: (n, 6, 8) scaled windows to (n, 3) logits.
        method: Whose maps are looked at.
        scaled: (n, 6, 8) float32 windows.
        target: (n,) int64 classes that are asked about.
    """
    random = np.random.default_rng(0)
    size = (_DRAWS, *scaled.shape[1:])
    noise = torch.from_numpy(random.uniform(-NOISE, NOISE, size).astype(np.float32))

    def moved(x: Tensor) -> tuple[Tensor]:  # (n * draws, 6, 8), the draws of a window in a row
        return (x + noise.repeat(len(x) // _DRAWS, 1, 1),)

    @torch.enable_grad()
    def maps(x: tuple[Tensor], target: Tensor) -> tuple[Tensor]:
        found = attribute(network, method.name, x[0].numpy(), target.numpy())
        return (torch.from_numpy(found),)

    start, asked = torch.from_numpy(scaled.copy()), torch.from_numpy(target)
    worst = sensitivity_max(maps, start, moved, n_perturb_samples=_DRAWS, target=asked)
    return worst.numpy().astype(np.float64)


def shift_similarity(earlier: Float32, later: Float32) -> Float64:
    """Return how like the maps of two windows are at the five bars they share.

    Args:
        earlier: (n, 6, 8) or (n, 6) float32 maps of windows.
        later: Maps of the windows one bar later, for the same classes.

    Returns:
        (n,) Spearman correlations of the sizes: 1 if the map moves by one bar with its window. A
        head that weighs each bar by itself need not.
    """
    return similarity(earlier[:, 1:], later[:, :-1])


def fgsm(network: nn.Module, scaled: Float32, winner: Int64, radius: float) -> Float32:
    """Return windows one signed step away from their class, each cell within `radius`.

    Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", ICLR 2015.

    Args:
        network: What is attacked.
        scaled: (n, 6, 8) float32 windows.
        winner: (n,) int64, the class to get away from.
        radius: In standard deviations of each feature.
    """
    attack = _signed_steps(FGSM(_private(network), _loss()))
    x, target = torch.from_numpy(scaled.copy()), torch.from_numpy(winner)
    with _unwarned():
        attacked: Float32 = attack.perturb(x, radius, target).detach().numpy()
    return attacked


def pgd(network: nn.Module, scaled: Float32, winner: Int64, radius: float) -> Float32:
    """Return windows ten projected steps away from their class, each cell within `radius`.

    Madry et al., "Towards deep learning models resistant to adversarial attacks", ICLR 2018; from
    the window itself, so that the same window gives the same attack.

    Args:
        network: What is attacked.
        scaled: (n, 6, 8) float32 windows.
        winner: (n,) int64, the class to get away from.
        radius: In standard deviations of each feature.
    """
    attack = PGD(_private(network), _loss())
    _signed_steps(attack.fgsm)
    x, target = torch.from_numpy(scaled.copy()), torch.from_numpy(winner)
    with _unwarned():
        attacked: Float32 = attack.perturb(x, radius, radius / 4, _PGD_STEPS, target).numpy()
    return attacked


def random_signs(scaled: Float32, radius: float) -> Float32:
    """Return (n, 6, 8) float32 windows with each cell moved by `radius` up or down at random."""
    signs = np.random.default_rng(0).choice(np.array([-radius, radius]), scaled.shape)
    moved: Float32 = (scaled + signs).astype(np.float32)
    return moved


def gives_away(
    network: nn.Module,
    method: Method,
    windows: tuple[Float32, Float32, Float32],
    winner: Int64,
) -> float:
    """Return how well the change of a map tells an attack from noise of the same size, as an AUC.

    Args:
        network: The network that was attacked.
        method: Whose maps are compared with that of the window before.
        windows: (n, 6, 8) float32 as they were, attacked, and noisy.
        winner: (n,) int64, the class that is asked about: the one before the attack.
    """
    before, attacked, noisy = (attribute(network, method.name, w, winner) for w in windows)
    like = partial(similarity, signed=method.kind is MapKind.SHARE)
    change = np.concatenate([1 - like(before, attacked), 1 - like(before, noisy)])
    is_attack = np.arange(len(change)) < len(before)
    return area_under_roc(is_attack, change)


def _private(network: nn.Module) -> nn.Module:
    return copy.deepcopy(network).eval().requires_grad_(False)


def _loss() -> nn.Module:
    # Captum's own takes probabilities.
    return nn.CrossEntropyLoss(reduction="none")


def _signed_steps(attack: FGSM) -> FGSM:
    # Captum lets a cell be whose slope is below 1e-6, which is much where the network is sure.
    attack.zero_thresh = 0.0
    return attack


@contextmanager
def _unwarned() -> Iterator[None]:
    # Captum warns each time that it makes a window of its own ask for a slope.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
