"""All measures of all methods on one bundle."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from torch import nn

from models.data.sources.reading import FileReading
from models.data.times import now, to_utc
from models.evaluation.explanations.metrics import (
    Curves,
    curves,
    infidelity,
    order_of,
    random_curves,
    winner_of,
)
from models.evaluation.explanations.record import (
    ExplanationCheck,
    Flips,
    MethodMeasures,
    PlantedCase,
    best_of,
)
from models.evaluation.explanations.robustness import (
    fgsm,
    gives_away,
    max_sensitivity,
    pgd,
    random_signs,
    shift_similarity,
)
from models.evaluation.explanations.sanity import cascade, learn_shuffled, likeness, similarity
from models.evaluation.explanations.subject import Subject
from models.evaluation.explanations.synthetic import Truth, cases, judge, learn, learned
from models.evaluation.explanations.verdict import judged
from models.evaluation.metrics.bootstrap import mean_of
from models.explain.attribution import attribute
from models.explain.method import Method
from models.explain.offer import methods_for
from models.networks.ensemble import traits_there
from models.networks.kinds import network_kind
from shared.contract import STEPS, WINDOW_SHAPE, Float32, Int64
from shared.explaining import MapKind

RADII: Final = (0.05, 0.1, 0.2)
_DECEIVED: Final = 0.1  # the radius at which maps are asked whether they give an attack away
_SPOILED: Final = 3  # times that the weights are made random
_SHUFFLED: Final = 8192  # windows to train on shuffled labels
_CELLS: Final = WINDOW_SHAPE[0] * WINDOW_SHAPE[1]

Progress = Callable[[str, int, int], None]


def check(
    asked: Subject,
    data: tuple[str, ...],
    progress: Progress,
    reading: FileReading | None = None,
) -> ExplanationCheck:
    """Return all measures and verdicts; the same subject gives the same, but for the times.

    Args:
        asked: What to explain.
        data: Names of the files, for the record.
        progress: Told what was done, how much of it, and how much there is.
        reading: What was understood of the files, for the record.
    """
    methods = methods_for(traits_there(asked.network))
    done = itertools.count(1)
    total = len(cases(asked.bundle.feature_set.labels)) + _SPOILED + 2 + len(methods)

    def tell(what: str) -> None:
        progress(what, next(done), total)

    ground = _ground(asked, methods, tell)
    found = []
    for method in methods:
        found.append(_method(asked, method, ground))
        tell(f"measured {method.title}")
    first, last = (to_utc(ms) for ms in asked.span)
    best = best_of(found)
    return ExplanationCheck(
        reading=reading,
        model_id=asked.bundle.model_id,
        weights_sha256=asked.bundle.card.weights_sha256,
        created=now(),
        data=data,
        first=first,
        last=last,
        windows=len(asked.scaled),
        days=asked.days.count,
        random_cells=_mean_curve(ground.random[_CELLS]),
        random_bars=_mean_curve(ground.random[STEPS]),
        flips=_flips(asked),
        cases=ground.cases,
        methods=tuple(judged(measures, best, len(asked.scaled)) for measures in found),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ground:
    # What all methods are held against.
    random: Mapping[int, Curves]  # by units
    cases: tuple[PlantedCase, ...]
    planted: Mapping[str, Mapping[str, Truth]]  # by method and case
    cascade: Mapping[str, Mapping[str, float]]  # by method and layer
    shuffled: nn.Module
    deceived: tuple[Float32, Float32, Float32]  # as it was, attacked, noisy


def _ground(asked: Subject, methods: tuple[Method, ...], tell: Callable[[str], None]) -> _Ground:
    found, planted = _plant(asked, methods, tell)
    scaled, winner = asked.few()
    cascade = _cascades(asked, methods, tell)
    label, windows = asked.label[:_SHUFFLED], asked.scaled[:_SHUFFLED]
    shuffled = learn_shuffled(asked.bundle.card.network.kind, _sizes(asked), windows, label)
    tell("learned shuffled labels")
    ground = _Ground(
        random={
            u: random_curves(asked.network, asked.scaled, asked.winner, u) for u in (_CELLS, STEPS)
        },
        cases=found,
        planted=planted,
        cascade=cascade,
        shuffled=shuffled,
        deceived=(
            scaled,
            pgd(asked.network, scaled, winner, _DECEIVED),
            random_signs(scaled, _DECEIVED),
        ),
    )
    tell("deleted cells at random")
    return ground


def _plant(
    asked: Subject, methods: tuple[Method, ...], tell: Callable[[str], None]
) -> tuple[tuple[PlantedCase, ...], dict[str, dict[str, Truth]]]:
    # With a network of the bundle's kind and sizes, but one member.
    found: list[PlantedCase] = []
    planted: dict[str, dict[str, Truth]] = {method.name: {} for method in methods}
    for case in cases(asked.bundle.feature_set.labels):
        network = learn(asked.bundle.card.network.kind, _sizes(asked), case)
        found.append(PlantedCase(name=case.name, title=case.title, learned=learned(network, case)))
        for name, truth in judge(network, case, methods).items():
            planted[name][case.name] = truth
        tell(f"planted {case.title}")
    return tuple(found), planted


def _cascades(
    asked: Subject, methods: tuple[Method, ...], tell: Callable[[str], None]
) -> dict[str, dict[str, float]]:
    scaled, winner = asked.few()
    runs = []
    for seed in range(_SPOILED):
        runs.append(dict(cascade(asked.network, methods, scaled, winner, seed=seed)))
        tell("made weights random")
    return {
        m.name: {layer: float(np.mean([run[layer][m.name] for run in runs])) for layer in runs[0]}
        for m in methods
    }


def _method(asked: Subject, method: Method, ground: _Ground) -> MethodMeasures:
    network, scaled, winner = asked.network, asked.scaled, asked.winner
    begun = time.perf_counter()
    maps = attribute(network, method.name, scaled, winner)
    spent = time.perf_counter() - begun
    walked = curves(network, scaled, winner, order_of(maps, method))
    chance = ground.random[maps[0].size]
    few, few_winner = asked.few()
    few_maps = attribute(network, method.name, few, few_winner)
    return MethodMeasures(
        name=method.name,
        title=method.title,
        columns=method.columns,
        deletion=mean_of(chance.deletion_area - walked.deletion_area, asked.days),
        insertion=mean_of(walked.insertion_area - chance.insertion_area, asked.days),
        curve=_mean_curve(walked),
        infidelity=float(infidelity(network, scaled, winner, maps, method).mean()),
        sensitivity=float(max_sensitivity(network, method, few, few_winner).mean()),
        same_twice=bool((attribute(network, method.name, few, few_winner) == few_maps).all()),
        across_windows=_across(few_maps, few_winner, method),
        cascade=dict(ground.cascade[method.name]),
        shuffled=likeness(ground.shuffled, method, few, few_winner, few_maps),
        shift=_shift(asked, method, maps),
        gives_away=gives_away(network, method, ground.deceived, few_winner),
        planted=dict(ground.planted[method.name]),
        microseconds=spent / len(scaled) * 1e6,
    )


def _across(maps: Float32, winner: Int64, method: Method) -> float:
    # Each map beside that of another window of the same class.
    order = np.argsort(winner, kind="stable")
    same = winner[order[1:]] == winner[order[:-1]]
    if not same.any():
        return 0.0
    first, second = maps[order[:-1]][same], maps[order[1:]][same]
    return float(similarity(first, second, signed=method.kind is MapKind.SHARE).mean())


def _shift(asked: Subject, method: Method, maps: Float32) -> float:
    if len(asked.has_next) == 0:
        return 0.0
    same_class = asked.winner[asked.has_next]
    later = attribute(asked.network, method.name, asked.next_scaled, same_class)
    return float(shift_similarity(maps[asked.has_next], later).mean())


def _flips(asked: Subject) -> tuple[Flips, ...]:
    network, scaled, winner = asked.network, asked.scaled, asked.winner

    def turned(windows: Float32) -> float:
        return float((winner_of(network, windows) != winner).mean())

    return tuple(
        Flips(
            radius=radius,
            noise=turned(random_signs(scaled, radius)),
            fgsm=turned(fgsm(network, scaled, winner, radius)),
            pgd=turned(pgd(network, scaled, winner, radius)),
        )
        for radius in RADII
    )


def _sizes(asked: Subject) -> msgspec.Struct:
    network = asked.bundle.card.network
    sizes: msgspec.Struct = msgspec.convert(network.sizes, network_kind(network.kind).sizes)
    return sizes


def _mean_curve(walked: Curves) -> tuple[float, ...]:
    return tuple(walked.deletion.mean(axis=0).tolist())
