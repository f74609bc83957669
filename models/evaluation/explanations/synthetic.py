"""Made windows where known cells alone decide the class, and networks that learned just that.

Only where the truth is known can a map be called right. A map tells what the network does, not what
we planted; so the networks see fresh windows at every step and their weights are drawn to 0
(proximal steps of the lasso: Parikh and Boyd, "Proximal algorithms", 2014), until no other cell has
a say. Arras, Osman and Samek (CLEVR-XAI, 2022) do the same with made questions about pictures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import torch
from torch import nn

from models.evaluation.explanations.metrics import mass_accuracy, pointing, rank_accuracy, winner_of
from models.explain.attribution import attribute
from models.explain.method import Method
from models.networks.kinds import build_network
from models.training.fit import logits_of
from shared.contract import WINDOW_SHAPE, Bool, Class, Float32, Float64, Int64

STEPS: Final = 400
_RIGHT: Final = 0.95  # a network that errs more, or that listens to other cells, looks elsewhere
_ALONE: Final = 0.96
_TINY: Final = 1e-12
_BATCH: Final = 128
_LEARNING_RATE: Final = 1e-2
_SHRINK: Final = 0.3  # what a weight loses a step, in learning rates
_JUDGED: Final = 500  # windows that are explained
_FLAT_WITHIN: Final = 0.43  # a third of a normal distribution lies within
_SPIKE: Final = 4.0

Random = np.random.Generator


@dataclass(frozen=True, kw_only=True, eq=False)
class Made:
    """Windows with their truth.

    Attributes:
        scaled: (n, 6, 8) float32.
        label: (n,) int64 classes.
        deciding: (n, 6, 8) bool, the cells that alone decide.
    """

    scaled: Float32
    label: Int64
    deciding: Bool


@dataclass(frozen=True, kw_only=True)
class SyntheticCase:
    """One way to plant a truth.

    Attributes:
        name: The identifier in reports.
        title: What people read.
        draw: Makes n windows.
        steps: Batches of fresh windows until a network has it.
    """

    name: str
    title: str
    draw: Callable[[Random, int], Made]
    steps: int = STEPS


class Learned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a network does what was planted.

    Attributes:
        accuracy: Share of right answers.
        isolation: Share of the movement of its logits (up less down) that the deciding cells make:
            1 less the mean square that other values of the other cells move it by, over twice its
            variance.
    """

    accuracy: float
    isolation: float

    @property
    def whole(self) -> bool:
        """Return whether a map of it can be held against what was planted."""
        return self.accuracy >= _RIGHT and self.isolation >= _ALONE


class Truth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How right a method is where the truth is known; means over windows that are answered right.

    Attributes:
        pointing: Share of maps whose greatest unit decides.
        mass: Share of a map's size on deciding units.
        rank: Share of the K greatest units that decide, where K units do.
        by_chance: The share of the units that decide, which all three reach by chance.
    """

    pointing: float
    mass: float
    rank: float
    by_chance: float


def cases(labels: Sequence[str]) -> tuple[SyntheticCase, ...]:
    """Return the planted truths of the report.

    Args:
        labels: What people call the eight features.
    """
    single = ((0, 0), (2, 3), (4, 3), (5, 7))
    return (
        *(_one_cell(step, feature, labels[feature]) for step, feature in single),
        SyntheticCase(name="several", title="sum of three cells", draw=_several),
        SyntheticCase(
            name="interaction", title="product of two cells", draw=_interaction, steps=3 * STEPS
        ),
        SyntheticCase(name="decoy", title="one cell, with a decoy beside it", draw=_decoy),
        SyntheticCase(
            name="flat_between", title="one cell, flat between up and down", draw=_flat_between
        ),
        SyntheticCase(name="anywhere", title="one cell, another in each window", draw=_anywhere),
    )


def learn(kind: str, sizes: msgspec.Struct, case: SyntheticCase) -> nn.Module:
    """Return a network that learned a planted truth; the same arguments give the same network.

    What was not learned is tried once more, longer and with a lighter hand on the weights.

    Args:
        kind: Name of a network.
        sizes: Its hyper-parameters.
        case: What to plant.
    """
    network = _train(kind, sizes, case, case.steps, _SHRINK)
    if learned(network, case).whole:
        return network
    return _train(kind, sizes, case, 3 * case.steps, _SHRINK / 4)


def learned(network: nn.Module, case: SyntheticCase) -> Learned:
    """Return how far a network does what was planted, and nothing else."""
    made = case.draw(np.random.default_rng(2), _JUDGED)
    neighbor = np.roll(np.arange(_JUDGED), 1)
    kept = made.deciding | made.deciding[neighbor]
    others = np.where(kept, made.scaled, made.scaled[neighbor])
    before, after = _up_over_down(network, made.scaled), _up_over_down(network, others)
    moved = float(((before - after) ** 2).mean() / max(2 * before.var(), _TINY))
    right = winner_of(network, made.scaled) == made.label
    return Learned(accuracy=float(right.mean()), isolation=1 - moved)


def _train(
    kind: str, sizes: msgspec.Struct, case: SyntheticCase, steps: int, shrink: float
) -> nn.Module:
    random = np.random.default_rng(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build_network(kind, sizes, 1).train()
        optimizer = torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, total_steps=steps)
        for _ in range(steps):
            made = case.draw(random, _BATCH)
            logits = network(torch.from_numpy(made.scaled))
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(logits, torch.from_numpy(made.label))
            torch.autograd.backward(loss)
            optimizer.step()
            _shrink(network, shrink * optimizer.param_groups[0]["lr"])
            schedule.step()
    return network.eval()


def judge(network: nn.Module, case: SyntheticCase, methods: Sequence[Method]) -> dict[str, Truth]:
    """Return how right each method is on windows that a network answers right.

    A network that has not wholly learned what was planted shows nothing: then no method is judged.

    Args:
        network: What `learn` returned for the case.
        case: What was planted.
        methods: What to judge.
    """
    if not learned(network, case).whole:
        return {}
    made = case.draw(np.random.default_rng(1), _JUDGED)
    right = winner_of(network, made.scaled) == made.label
    scaled, label, deciding = made.scaled[right], made.label[right], made.deciding[right]
    return {m.name: _truth(attribute(network, m.name, scaled, label), deciding) for m in methods}


def _up_over_down(network: nn.Module, scaled: Float32) -> Float64:
    logits = logits_of(network, scaled)
    over: Float64 = logits[:, Class.UP] - logits[:, Class.DOWN]
    return over


def _truth(maps: Float32, deciding: Bool) -> Truth:
    units = deciding.any(axis=2) if maps.ndim == 2 else deciding
    return Truth(
        pointing=float(pointing(maps, deciding).mean()),
        mass=float(mass_accuracy(maps, deciding).mean()),
        rank=float(rank_accuracy(maps, deciding).mean()),
        by_chance=float(units.mean()),
    )


@torch.no_grad()
def _shrink(network: nn.Module, by: float) -> None:
    for weight in network.parameters():
        if weight.dim() > 1:  # biases and norms carry no cell
            weight.copy_(nn.functional.softshrink(weight, by))


def _one_cell(step: int, feature: int, label: str) -> SyntheticCase:
    def draw(random: Random, count: int) -> Made:
        scaled = _noise(random, count)
        return _made(scaled, scaled[:, step, feature], (step, feature))

    ago = WINDOW_SHAPE[0] - 1 - step
    when = f"{ago} bars ago" if ago else "now"
    return SyntheticCase(
        name=f"one_cell_{step}_{feature}",
        title=f"one cell: {label} {when}",
        draw=draw,
    )


def _several(random: Random, count: int) -> Made:
    scaled = _noise(random, count)
    cells = ((1, 2), (3, 5), (5, 0))
    return _made(scaled, np.sum([scaled[:, t, f] for t, f in cells], axis=0), *cells)


def _interaction(random: Random, count: int) -> Made:
    scaled = _noise(random, count)
    return _made(scaled, scaled[:, 4, 3] * scaled[:, 5, 4], (4, 3), (5, 4))


def _decoy(random: Random, count: int) -> Made:
    # The decoy shares 64% of the variance of the cell that decides, and has the greater spread.
    scaled = _noise(random, count)
    cell = scaled[:, 4, 3]
    scaled[:, 2, 6] = 1.5 * (0.8 * cell + 0.6 * scaled[:, 2, 6])
    return _made(scaled, cell, (4, 3))


def _flat_between(random: Random, count: int) -> Made:
    scaled = _noise(random, count)
    return _made(scaled, scaled[:, 3, 2], (3, 2), flat_within=_FLAT_WITHIN)


def _anywhere(random: Random, count: int) -> Made:
    # One cell of a quiet window stands out, each time another; its sign decides.
    scaled = np.float32(0.1) * _noise(random, count)
    place = random.integers(0, scaled[0].size, count)
    sign = random.choice([-1.0, 1.0], count)
    scaled.reshape(count, -1)[np.arange(count), place] = (_SPIKE * sign).astype(np.float32)
    made = _made(scaled, sign)
    made.deciding.reshape(count, -1)[np.arange(count), place] = True
    return made


def _noise(random: Random, count: int) -> Float32:
    return random.standard_normal((count, *WINDOW_SHAPE), dtype=np.float32)


def _made(
    scaled: Float32,
    score: Float32 | Float64,
    *cells: tuple[int, int],
    flat_within: float = 0.0,
) -> Made:
    deciding = np.zeros(scaled.shape, np.bool_)
    for step, feature in cells:
        deciding[:, step, feature] = True
    moved = np.where(score > 0, Class.UP, Class.DOWN)
    label = np.where(np.abs(score) < flat_within, Class.FLAT, moved).astype(np.int64)
    return Made(scaled=scaled, label=label, deciding=deciding)
