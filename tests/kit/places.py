"""Where things are, whatever folder a test lies in."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
