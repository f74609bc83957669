"""An alert that writes buys into a CSV file: `tickerlens-server --alerts csv`."""

import csv
from pathlib import Path
from typing import Annotated

import msgspec

from server.alerts.base import AlertEvent, AlertKind, BuyEvent


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table `[alert.csv]`."""

    path: Annotated[str, msgspec.Meta(description="file that is written anew")] = "buys.csv"
    least: Annotated[
        float, msgspec.Meta(ge=0, le=1, description="confidence that a buy must have")
    ] = 0.0


class CsvAlert:
    """Writes a row for each buy."""

    def __init__(self, settings: Settings) -> None:
        self._path, self._least = Path(settings.path), settings.least
        self._path.write_text("symbol,name,confidence,last\n", encoding="utf-8")

    def tell(self, event: AlertEvent) -> None:
        """Write a row if it is a buy of enough confidence."""
        if isinstance(event, BuyEvent) and event.confidence >= self._least:
            with self._path.open("a", encoding="utf-8", newline="") as file:
                row = (event.symbol, event.name, event.confidence, event.last)
                csv.writer(file).writerow(row)

    def close(self) -> None:
        """Do nothing: the file is open only while a row is written."""


ALERT = AlertKind(settings=Settings, open=CsvAlert)
