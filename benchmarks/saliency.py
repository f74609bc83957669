"""Probabilities and saliency of a batch: ours, torch's, Captum's, and the floor of the arithmetic.

Processor time of the thread, with one thread for torch and for numpy each: what a core that is
shared with others does meanwhile is not counted.
"""

import dataclasses
import resource
import time
from typing import Final
from unittest import mock

import numpy as np
import torch
from captum.attr import Saliency

from benchmarks.timing import Measurement, Timing, in_turns
from models.bundles.bundle import Bundle, load_bundle
from models.inference.compiled import NotCompiledError
from models.inference.engine import Engine
from models.inference.served import served_of
from shared.contract import WINDOW_SHAPE, Float32

TICKERS: Final = 3_000
_MANY: Final = 100_000
_SQUARE: Final = 1024


class Undeclared(torch.nn.Module):
    """A network that tells nothing of its inside, so that the engine has torch compute it."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, 3) logits of (n, 6, 8) windows."""
        logits: torch.Tensor = self.network(x)
        return logits


def run(rounds: int) -> list[Measurement]:
    """Compare the engine with itself on torch, with Captum, and with the floor of the products."""
    bundle = load_bundle("krx-daily")
    model = served_of(bundle)
    engine = Engine(model)
    # First, while nothing else has asked for memory.
    note = _more_memory(engine, _MANY)
    many = _batch(engine, bundle, _MANY, max(2, rounds // 10))
    few, market = (_batch(engine, bundle, n, rounds) for n in (100, TICKERS))
    note = f"{note}; {model.scorer.runs_on}"
    return [few, market, dataclasses.replace(many, note=f"{many.note}; {note}")]


def _batch(engine: Engine, bundle: Bundle, n: int, rounds: int) -> Measurement:
    on_torch = Engine(served_of(dataclasses.replace(bundle, network=Undeclared(bundle.network))))
    on_numpy = _on_numpy(bundle)
    saliency = Saliency(bundle.network)
    windows = _windows(n)
    scaled = torch.from_numpy(engine.explain(windows).scaled)
    square = np.ones((_SQUARE, _SQUARE), dtype=np.float32)
    *timings, product = in_turns(
        {
            "tickerlens": lambda: engine.explain(windows),
            "tickerlens, without saliency": lambda: engine.decide(windows),
            "tickerlens, on numpy": lambda: on_numpy.explain(windows),
            "tickerlens, on torch": lambda: on_torch.explain(windows),
            "Captum": lambda: _captum(saliency, bundle.network, scaled),
            "product": lambda: square @ square,
        },
        rounds,
        clock=time.thread_time,
    )
    floor, note = _floor(bundle.network, n, product)
    each = timings[0].median_ms / n * 1e3
    return Measurement(
        title=f"Saliency of {n:,} windows",
        timings=(*timings, floor),
        note=f"{each:.2f} µs a window; {note}",
    )


def _on_numpy(bundle: Bundle) -> Engine:
    refused = NotCompiledError("not asked for")
    with mock.patch("models.inference.compiled.CompiledStack", side_effect=refused):
        return Engine(served_of(bundle))


def _more_memory(engine: Engine, n: int) -> str:
    windows = _windows(n)
    engine.explain(windows[:TICKERS])
    before = _peak_mib()
    engine.explain(windows)
    return f"{_peak_mib() - before:.0f} MiB more than {TICKERS:,} windows take"


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _windows(n: int) -> Float32:
    return np.random.default_rng(0).normal(0, 0.02, (n, *WINDOW_SHAPE)).astype(np.float32)


def _captum(saliency: Saliency, network: torch.nn.Module, scaled: torch.Tensor) -> object:
    # What a user of Captum does: a forward pass for the classes, then the attribution.
    with torch.no_grad():
        probabilities = network(scaled).softmax(1)
    x = scaled.clone().requires_grad_()
    return probabilities, saliency.attribute(x, target=probabilities.argmax(1), abs=False)


def _floor(network: torch.nn.Module, n: int, product: Timing) -> tuple[Timing, str]:
    # The backward pass to the input alone repeats the forward's products, transposed.
    flops = 2 * _forward_flops(network) * n
    share = flops / (2 * _SQUARE**3)
    floor = Timing(
        name="floor of the products",
        median_ms=share * product.median_ms,
        best_ms=share * product.best_ms,
        worst_ms=share * product.worst_ms,
    )
    rate = 2 * _SQUARE**3 / product.median_ms / 1e6
    note = f"floor: {flops / 1e6:,.0f} MFLOP at the {rate:.0f} GFLOP/s of a {_SQUARE:,}² product"
    return floor, note


def _forward_flops(network: torch.nn.Module) -> int:
    # Of one window: what a layer multiplies and adds; what it would of padding is not counted.
    convolutions = [m for m in network.modules() if isinstance(m, torch.nn.Conv1d)]
    heads = [m for m in network.modules() if isinstance(m, torch.nn.Linear)]
    steps = WINDOW_SHAPE[0]
    inside = torch.ones(1, 1, steps)
    pairs = sum(
        c.weight[:, :, 0].numel()
        * int(torch.conv1d(inside, torch.ones(1, 1, k), padding=k // 2).sum())
        for c in convolutions
        for k in c.kernel_size
    )
    return 2 * (pairs + sum(head.weight.numel() for head in heads))
