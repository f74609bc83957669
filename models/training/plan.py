"""What to make of bars, as people write it down: a TOML file, or the defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from models.bundles.card import NAME_LETTERS, check_name
from models.bundles.recipe import Recipe
from models.calibration.adaptive import AdaptiveSettings
from models.calibration.static import CalibrationKind
from models.data.features import registry
from models.data.labels import FixedReturn, LabelRule
from models.data.ranges import AboveZero, AtLeastOne
from models.networks.kinds import network_kind, network_names
from shared.errors import InputMissingError, SettingsError
from shared.toml import parse_toml


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to make; every field but `sources` may stand in a TOML file.

    Attributes:
        name: Of the bundle.
        about: Where the bars came from, for the card.
        sources: Names of the files, for the card; they are those of the command.
        network: Name of a network.
        sizes: Hyper-parameters of the network that differ from its own defaults.
        features: Name of the feature set in `models.data.features.registry`.
        recipe: How to train.
        label: How what follows becomes a class.
        calibration: Which static calibration to fit on the validation span.
        adaptive: How a recalibrator learns from outcomes.
        jump_limit: A move beyond this share between two closes cuts a series.
        train_until: Last date or time of the train span; empty for 70% of the time.
        validate_until: Last date or time of the validation span; empty for 85% of the time.
        score_test: Whether the test span is scored; while one chooses, it must not be.
        trials: Configurations that were tried so far, this one included, for the card.

    Raises:
        ValueError: The name cannot be one, the network or the feature set is unknown, or the
            network has no such sizes.
        PluginError: The network is another package's, and cannot be loaded.
    """

    name: str
    about: str = ""
    sources: tuple[str, ...] = ()
    network: str = "cnn1d"
    sizes: dict[str, Any] = {}
    features: str = registry.DEFAULT
    recipe: Recipe = Recipe()
    label: LabelRule = FixedReturn()
    calibration: CalibrationKind = "temperature"
    adaptive: AdaptiveSettings = AdaptiveSettings()
    jump_limit: AboveZero = 0.31
    train_until: str = ""
    validate_until: str = ""
    score_test: bool = True
    trials: AtLeastOne = 1

    def __post_init__(self) -> None:
        check_name(self.name)
        names = network_names()
        if self.network not in names:
            known = ", ".join(names)
            raise ValueError(f"network must be {known}, was {self.network!r}")
        if self.features not in registry.names():
            known = ", ".join(registry.names())
            raise ValueError(f"features must be {known}, was {self.features!r}")
        try:
            self.network_sizes()
        except msgspec.ValidationError as e:
            raise ValueError(f"sizes of {self.network}: {e}") from e

    def network_sizes(self) -> msgspec.Struct:
        """Return the complete hyper-parameters of the network."""
        return msgspec.convert(self.sizes, network_kind(self.network).sizes)


def read_plan(file: Path | None, flags: Mapping[str, Any], folder: str) -> Plan:
    """Return the plan of a TOML file, where flags override what stands there.

    Args:
        file: Where to read; None for the defaults.
        flags: Values by field; a table, such as `recipe`, changes only the fields that it holds.
        folder: Name of the folder of the bundle, which takes it where neither file nor flags say
            another.

    Raises:
        InputMissingError: The file cannot be opened.
        SettingsError: It is no TOML, a name is unknown, a value does not fit, or the folder cannot
            name what it will hold.
    """
    written = {} if file is None else _read(file)
    if "sources" in written:
        raise SettingsError(f"{file}: sources are the arguments of the command")
    # By itself first, so that the sentence can say where the wrong value stands.
    _convert({"name": "unnamed"} | written, str(file))
    named = "name" in written or "name" in flags
    merged = written if named else written | {"name": _named_by(folder)}
    for field, value in flags.items():
        merged[field] = written.get(field, {}) | value if isinstance(value, dict) else value
    return _convert(merged, "the arguments")


def _named_by(folder: str) -> str:
    # Capitals and blanks have a plain counterpart; for what would be lost one is asked.
    name = "-".join(folder.lower().split())
    try:
        check_name(name)
    except ValueError as e:
        raise SettingsError(
            f"the folder's name {folder!r} cannot be that of a bundle: say --name, {NAME_LETTERS}"
        ) from e
    return name


def _convert(values: Mapping[str, Any], origin: str) -> Plan:
    try:
        return msgspec.convert(values, Plan)
    except msgspec.ValidationError as e:
        raise SettingsError(f"{origin}: {e}") from e


def _read(file: Path) -> dict[str, Any]:
    try:
        return parse_toml(file.read_bytes())
    except FileNotFoundError as e:
        raise InputMissingError(f"the plan {file} does not exist") from e
    except OSError as e:
        raise InputMissingError(f"the plan {file} cannot be read: {e.strerror}") from e
    except ValueError as e:
        raise SettingsError(f"{file} is not TOML: {e}") from e
