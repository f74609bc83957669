"""The few kinds of error; each docstring says what the program does about it.

Exit codes follow sysexits.h (BSD). Users read them in docs/operation.md, in the words that stand
here before the colon of each first line.
"""

from typing import ClassVar


class TickerlensError(Exception):
    """The root: its text is a whole sentence that is safe to show to a person.

    A command prints the sentence on stderr and leaves with `exit_code`; any exception outside this
    tree is a defect of ours and keeps its traceback.
    """

    exit_code: ClassVar[int] = 1


class SettingsError(TickerlensError):
    """A setting is unknown, of the wrong type or out of range: the program refuses to start."""

    exit_code = 78


class InputMissingError(TickerlensError):
    """A file or folder is absent or cannot be opened: the program stops before it begins."""

    exit_code = 66


class DataError(TickerlensError):
    """A file was read but is not what it must be: stop, naming the file, the row or the field.

    Dirty bars are not this error: they are dropped one by one and counted with a reason.
    """

    exit_code = 65


class BundleError(TickerlensError):
    """A bundle does not fit its card or the contract: it is never loaded, the program stops."""

    exit_code = 65


class LeakFoundError(TickerlensError):
    """An audit found something that looks ahead, or cannot see: trust no figure of it until mended.

    The page of the audit is on stdout all the same.
    """

    exit_code = 70


class OpenFileError(TickerlensError):
    """A file of keys is open to others: what it holds is not used, the program stops."""

    exit_code = 77


class UnavailableError(TickerlensError):
    """Something outside is not there (a free port, a display, a package): stop and say which."""

    exit_code = 69


class PluginError(TickerlensError):
    """Another package's plug-in is absent, broken or not what it must be.

    Named by the user (a feed, a network), it stops the start; merely installed, it is left out with
    a warning; failing at work, it costs its own answer and nobody else's.
    """

    exit_code = 69


class WireError(TickerlensError):
    """A frame is not what the protocol allows: it is dropped and counted, the link stays."""


class UnknownKindError(WireError):
    """A message or request is of a kind that this program does not know, as later minors add them.

    A desk skips and counts it; the server answers with a refusal. Nothing is wrong with the link.
    """


class ServerSilentError(TickerlensError):
    """A request got no answer in time: it is asked again, and the desk says `late` or `lost`."""

    exit_code = 69
