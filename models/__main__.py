"""The command `tickerlens-models`."""

import sys
from collections.abc import Sequence
from typing import Final

from shared.errors import UnavailableError

_INTERRUPTED: Final = 130  # as a shell says of a program that Ctrl-C ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    try:
        from models.commands import run
    except ModuleNotFoundError as e:
        how = 'python -m pip install "tickerlens[train]"'
        sys.stderr.write(f"tickerlens-models: the package {e.name} is not installed: {how}\n")
        return UnavailableError.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
