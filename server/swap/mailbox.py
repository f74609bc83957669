"""How `tickerlens-server model` reaches the server: by files in a folder that the user alone has.

Not by a socket: whoever reaches one of those may ask what a desk may ask, and no more. Who may
write into the user's folders may start another server as well, so nobody gains by it; it is the
same on every system, and needs no keys.
"""

import contextlib
import platform
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import platformdirs
import structlog

from shared import secret_files
from shared.endpoints import ANY, parse
from shared.errors import BundleError, SettingsError, TickerlensError, UnavailableError

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

NOTICED_S: Final = 5.0  # a server looks twice a second
DONE_S: Final = 180.0
_LOOK_S: Final = 0.05
_MOST_BYTES: Final = 2**14
_ASKED: Final = ".asked"
_SAID: Final = ".said"


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which model shall take over.

    Attributes:
        folder: Of its bundle.
    """

    folder: str


class ModelVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of it.

    Attributes:
        serves: Whether that model serves now.
        sentence: For people.
    """

    serves: bool
    sentence: str


def folder_of(publish: str) -> Path:
    """Return the folder of the server that publishes at an endpoint of this machine.

    Raises:
        SettingsError: The endpoint names no port.
    """
    port = parse("publish", publish).port
    if port == ANY:
        raise SettingsError("say which server by --publish tcp://HOST:PORT, as its log has it")
    # Of the machine too, as several may share the user's folders.
    machine = re.sub("[^A-Za-z0-9.-]", "-", platform.node()) or "here"
    return Path(platformdirs.user_data_dir("tickerlens", appauthor=False), "servers") / (
        f"{machine}-{port}"
    )


class Mailbox:
    """The server's side.

    Args:
        folder: Where it looks; made here.

    Raises:
        InputMissingError: The folder cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        secret_files.make_folder(folder)
        self._sweep()  # what was asked of one that was killed is over

    @property
    def waits(self) -> bool:
        """Return whether something is asked."""
        return any(self._folder.glob(f"*{_ASKED}"))

    def take(self) -> Iterator[tuple[str, ModelRequest]]:
        """Yield what is asked, each once, under the name by which it is answered."""
        for path in sorted(self._folder.glob(f"*{_ASKED}")):
            try:
                content = secret_files.read(path, _MOST_BYTES)
                asked = msgspec.json.decode(content, type=ModelRequest)
            except (TickerlensError, msgspec.DecodeError) as e:
                log.warning("a question about the model is none", file=str(path), reason=str(e))
                continue
            finally:
                path.unlink(missing_ok=True)
            yield path.stem, asked

    def answer(self, name: str, said: ModelVerdict) -> None:
        """Say what became of what was asked under a name."""
        try:
            _put(self._folder / f"{name}{_SAID}", said)
        except (TickerlensError, OSError) as e:
            log.warning("an answer about the model could not be left", reason=str(e))

    def close(self) -> None:
        """Let nobody ask any more."""
        self._sweep()
        with contextlib.suppress(OSError):
            self._folder.rmdir()

    def _sweep(self) -> None:
        for path in self._folder.glob("*"):
            with contextlib.suppress(OSError):
                path.unlink()


def ask(folder: Path, asked: ModelRequest) -> str:
    """Have a server take over a model, and return what it says once it has.

    Args:
        folder: Of the server, as `folder_of` says.
        asked: The model.

    Raises:
        UnavailableError: No server looks into the folder, or it has not answered.
        BundleError: It refused, and the model before goes on.
    """
    if not folder.is_dir():
        raise UnavailableError(f"no server of this user runs here: {folder} is not there")
    name = uuid.uuid4().hex
    question, answer = folder / f"{name}{_ASKED}", folder / f"{name}{_SAID}"
    _put(question, asked)
    try:
        if not _came(lambda: not question.exists(), NOTICED_S):
            raise UnavailableError(f"no server looks into {folder}: it has ended, or is stuck")
        if not _came(answer.exists, DONE_S):
            raise UnavailableError(f"no answer in {DONE_S:.0f} s: the server's log says more")
        said = msgspec.json.decode(secret_files.read(answer, _MOST_BYTES), type=ModelVerdict)
    finally:
        question.unlink(missing_ok=True)
        answer.unlink(missing_ok=True)
    if not said.serves:
        raise BundleError(said.sentence)
    return said.sentence


def _came(true: Callable[[], bool], limit_s: float) -> bool:
    give_up = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > give_up:
            return False
        time.sleep(_LOOK_S)
    return True


def _put(path: Path, record: msgspec.Struct) -> None:
    # Whole or not at all, for whoever looks.
    fresh = path.with_suffix(".new")
    secret_files.create(fresh, msgspec.json.encode(record).decode())
    fresh.replace(path)
