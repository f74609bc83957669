"""Probabilities and saliency of 3,000 windows: ours, Captum's, and the floor of the arithmetic."""

import time

import numpy as np
import torch
from captum.attr import Saliency

from benchmarks.timing import Measurement, Timing, in_turns
from models.bundles.bundle import load_bundle
from models.inference.engine import Engine
from shared.contract import WINDOW_SHAPE, Float32

TICKERS = 3_000


def run(rounds: int) -> list[Measurement]:
    """Compare our engine with Captum on the batch and one at a time, and with the GEMM floor."""
    bundle = load_bundle("krx-daily")
    engine = Engine(bundle)
    windows = _windows()
    scaled = torch.from_numpy(engine.explain(windows).scaled)
    saliency = Saliency(bundle.network)
    calls = {
        "tickerlens, 3,000 at once": lambda: engine.explain(windows),
        "Captum, 3,000 at once": lambda: _captum(saliency, bundle.network, scaled),
    }
    batched = in_turns(calls, rounds)
    one_at_a_time = in_turns(
        {
            "tickerlens, one at a time": lambda: [engine.explain(w[None]) for w in windows],
            "Captum, one at a time": lambda: [
                _captum(saliency, bundle.network, s[None]) for s in scaled
            ],
        },
        max(1, rounds // 10),
    )
    floor, note = _floor(bundle.network, rounds)
    return [
        Measurement(
            title="Saliency of 3,000 tickers", timings=(*batched, *one_at_a_time, floor), note=note
        )
    ]


def _windows() -> Float32:
    return np.random.default_rng(0).normal(0, 0.02, (TICKERS, *WINDOW_SHAPE)).astype(np.float32)


def _captum(saliency: Saliency, network: torch.nn.Module, scaled: torch.Tensor) -> object:
    # What a user of Captum does: a forward pass for the classes, then the attribution.
    with torch.no_grad():
        probabilities = network(scaled).softmax(1)
    x = scaled.clone().requires_grad_()
    return probabilities, saliency.attribute(x, target=probabilities.argmax(1), abs=False)


def _floor(network: torch.nn.Module, rounds: int) -> tuple[Timing, str]:
    flops = _forward_flops(network) * TICKERS
    gflops = _gemm_gflops(rounds)
    # The backward pass to the input alone repeats the forward's products, transposed.
    ms = 2 * flops / gflops / 1e6
    note = f"floor: twice {flops / 1e6:.0f} MFLOP at {gflops:.0f} GFLOP/s (a 1,024 x 1,024 GEMM)"
    return Timing(name="GEMM floor", median_ms=ms, best_ms=ms, worst_ms=ms), note


def _forward_flops(network: torch.nn.Module) -> int:
    # Of one window: each weight of a layer is multiplied and added at each of its output positions.
    layers = [m for m in network.modules() if isinstance(m, torch.nn.Conv1d | torch.nn.Linear)]
    positions: list[int] = []
    hooks = [
        layer.register_forward_hook(lambda _layer, _in, out: positions.append(out[0, 0].numel()))
        for layer in layers
    ]
    with torch.no_grad():
        network(torch.zeros(1, *WINDOW_SHAPE))
    for hook in hooks:
        hook.remove()
    return sum(2 * m.weight.numel() * p for m, p in zip(layers, positions, strict=True))


def _gemm_gflops(rounds: int) -> float:
    a = torch.rand(1024, 1024)
    best = float("inf")
    for _ in range(max(rounds, 10)):
        start = time.perf_counter()
        torch.mm(a, a)
        best = min(best, time.perf_counter() - start)
    return 2 * 1024**3 / best / 1e9
