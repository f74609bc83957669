import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from models.inference import compiled
from models.inference.compiled import VERSIONS, CompiledStack, NotCompiledError, fastest_stack
from models.inference.relu_stack import Convolution, ReluStack
from shared.contract import Float32, Float64
from tests.kit.places import ROOT

Scaled = Callable[..., Float32]
Layers = tuple[list[Convolution], Float64, Float64]


def layers(channels: tuple[int, ...], kernel: int, members: int) -> Layers:
    random = np.random.default_rng(3)
    widths = (8, *channels)
    convolutions = [
        Convolution(
            weight=random.normal(0, before**-0.5, (members, after, before, kernel)),
            bias=random.normal(0, 0.1, (members, after)),
        )
        for before, after in zip(widths, channels, strict=False)
    ]
    return convolutions, random.normal(0, 0.1, (members, 3, channels[-1], 6)), random.normal(size=3)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, built as an installation builds it."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler here, and so no compiled kernel")
    library = tmp_path_factory.mktemp("kernel") / "relu_stack_kernel.so"
    source = ROOT / "models" / "inference" / "native" / "relu_stack.c"
    flags = ("-O1", "-std=gnu11", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror")
    subprocess.run([compiler, *flags, "-o", library, source], check=True)
    return library


@pytest.fixture
def kernel(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The library in its place, whether one is installed or not."""
    monkeypatch.setattr(compiled, "_path", lambda: built)
    compiled._library.cache_clear()
    yield
    compiled._library.cache_clear()


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    ("channels", "kernel_size", "members"),
    [((16, 32), 3, 5), ((7,), 5, 1), ((4, 9, 5), 3, 2), ((6, 3), 1, 3)],
)
def test_every_version_that_this_processor_runs_says_what_numpy_says(
    channels: tuple[int, ...],
    kernel_size: int,
    members: int,
    scaled: Scaled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = layers(channels, kernel_size, members)
    plain, best = ReluStack(*parts), CompiledStack(*parts)._version
    for version in range(best + 1):
        library = compiled._library()
        monkeypatch.setattr(library, "tickerlens_version", lambda version=version: version)
        stack = CompiledStack(*parts)
        assert VERSIONS[version] in stack.runs_on
        for n in (0, 1, 17, 600):  # none, a part of a block, more than is computed at once
            windows, classes = scaled(n, seed=4), np.arange(n) % 3
            (wanted, wanted_slopes), (found, slopes) = plain.trace(windows), stack.trace(windows)
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)
            np.testing.assert_array_equal(stack.logits(windows), found)
            np.testing.assert_allclose(slopes(classes), wanted_slopes(classes), rtol=0, atol=1e-5)


@pytest.mark.usefixtures("kernel")
def test_a_window_is_the_same_whoever_stands_beside_it(scaled: Scaled) -> None:
    stack, windows = CompiledStack(*layers((16, 32), 3, 5)), scaled(40)
    logits, slopes = stack.trace(windows)
    alone, alone_slopes = stack.trace(windows[21:22])
    np.testing.assert_array_equal(alone, logits[21:22])
    ups = np.full(40, 2)
    np.testing.assert_array_equal(alone_slopes(ups[:1]), slopes(ups)[21:22])


@pytest.mark.usefixtures("kernel")
def test_what_is_no_number_is_not_hidden() -> None:
    convolutions, head, bias = layers((5,), 3, 1)
    convolutions[0].weight[:] = 3e38
    logits = CompiledStack(convolutions, head, bias).logits(np.full((2, 6, 8), -9, np.float32))
    assert logits.shape == (2, 3)
    convolutions[0].bias[:] = np.nan
    windows = np.ones((2, 6, 8), np.float32)
    assert np.isnan(CompiledStack(convolutions, head, bias).logits(windows)).all()


@pytest.mark.usefixtures("kernel")
def test_a_class_that_is_none_is_refused(scaled: Scaled) -> None:
    _, slopes = CompiledStack(*layers((5,), 3, 1)).trace(scaled(2))
    with pytest.raises(ValueError, match=r"0\.\.2"):
        slopes(np.array([0, 3]))


@pytest.mark.usefixtures("kernel")
def test_the_fastest_is_compiled_as_long_as_it_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = layers((16, 32), 3, 5)
    assert fastest_stack(*parts).runs_on.startswith("compiled kernel, ")
    right = CompiledStack._traced
    monkeypatch.setattr(CompiledStack, "_traced", lambda *given: right(*given) * np.float32(1.001))
    found = fastest_stack(*parts)
    assert isinstance(found, ReluStack)
    assert "says something else" in found.runs_on


def test_numpy_computes_where_nothing_was_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "__file__", "/nowhere/compiled.py")
    compiled._library.cache_clear()
    found = fastest_stack(*layers((5,), 3, 1))
    assert isinstance(found, ReluStack)
    assert found.runs_on == "numpy: no compiled kernel was built as tickerlens was installed"


@pytest.mark.usefixtures("kernel")
def test_a_deeper_network_than_the_kernel_holds_is_left_to_numpy() -> None:
    with pytest.raises(NotCompiledError, match="more than 8 convolutions"):
        CompiledStack(*layers((2,) * 9, 1, 1))
