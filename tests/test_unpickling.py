"""Nothing of a stranger is ever unpickled: not by name in the code, and not by what reads."""

import ast
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from models.bundles.bundle import load_bundle
from models.bundles.verdicts import read_verdicts
from models.data.sources.reader import read_bars
from server.explain.jobs import decode_job
from shared.endpoints import Endpoints
from shared.errors import TickerlensError
from shared.protocol import wire
from shared.protocol.messages import Status
from shared.reading import ReadOptions
from tests.kit.messages import a_message
from tests.kit.places import ROOT

ROOMS = ("shared", "models", "server", "client")
# Modules that unpickle are walled off by pyproject.toml; these are ways that need no such import.
CALLS = {"read_pickle", "to_pickle", "recv_pyobj", "send_pyobj", "memmap_pickle"}
OF_TORCH = {"torch.load", "torch.save", "torch.multiprocessing", "torch.package"}

Code = tuple[ast.AST, ...]


# What all that is looked for is written with: the trees of other modules take seconds for nothing.
SPELLED = ("pickle", "pyobj", "torch", "load")
LOOKED_AT = (ast.Attribute, ast.ImportFrom, ast.keyword, ast.Call)


@pytest.fixture(scope="module")
def nodes_of_rooms() -> Code:
    """All the code there is that may unpickle, as nodes."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    trees = [ast.parse(text) for text in texts if any(word in text for word in SPELLED)]
    return tuple(node for tree in trees for node in ast.walk(tree) if isinstance(node, LOOKED_AT))


def test_no_library_is_asked_to_unpickle(nodes_of_rooms: Code) -> None:
    named: set[str] = set()
    for node in nodes_of_rooms:
        if isinstance(node, ast.Attribute):
            named.add(node.attr)
            if isinstance(node.value, ast.Name):
                named.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.ImportFrom):
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert ast.unparse(node.value) == "False"
    assert not named & (CALLS | OF_TORCH)


def test_numpy_is_told_not_to_unpickle_wherever_it_loads(nodes_of_rooms: Code) -> None:
    loads = [
        node
        for node in nodes_of_rooms
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "load"
        and ast.unparse(node.func.value) in {"np", "numpy"}
    ]
    assert loads
    assert all("allow_pickle" in {k.arg for k in call.keywords} for call in loads)


class Mark:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self._path,)


@pytest.fixture(params=range(pickle.HIGHEST_PROTOCOL + 1))
def pickled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[bytes]:
    """Yield an object that says so if anyone unpickles it, and check that nobody did."""
    mark = tmp_path / "unpickled"
    content = pickle.dumps(Mark(mark), protocol=request.param)
    pickle.loads(content)  # noqa: S301 - ours: the trap works
    mark.unlink()
    yield content
    assert not mark.exists()


def test_no_frame_is_unpickled(pickled: bytes) -> None:
    told = wire.encode_published(a_message(Status))
    for frames in ([pickled], [told[0], pickled], [*told, pickled], [pickled] * len(told)):
        with pytest.raises(TickerlensError):
            wire.decode_published(frames)
        with pytest.raises(TickerlensError):
            wire.decode_answer(frames)
        with pytest.raises(TickerlensError):
            decode_job(frames)
    with pytest.raises(TickerlensError):
        wire.decode_request(pickled)
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(pickled, type=Endpoints)


def read_all(folder: Path) -> None:
    load_bundle(str(folder))
    read_verdicts(folder)


@pytest.mark.parametrize("name", ["card.json", "model.safetensors", "explain.json"])
def test_no_file_of_a_bundle_is_unpickled(pickled: bytes, name: str, bundle_files: Path) -> None:
    (bundle_files / name).write_bytes(pickled)
    with pytest.raises(TickerlensError):
        read_all(bundle_files)


@pytest.mark.parametrize("name", ["bars.parquet", "bars.csv"])
def test_no_bars_are_unpickled(pickled: bytes, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pickled)
    with pytest.raises(TickerlensError):
        read_bars(tmp_path / name, ReadOptions(market="krx", stamp="open"))


@pytest.fixture
def bundle_files(tmp_path: Path) -> Path:
    """A shipped bundle, whose files a test replaces."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for file in (ROOT / "models" / "pretrained" / "krx-daily").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder
