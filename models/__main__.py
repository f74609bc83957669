"""The command `tickerlens-models`."""

import sys
from collections.abc import Sequence

from models.commands import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
