from pathlib import Path

import pytest

from models.labels import FixedReturn, TripleBarrier
from models.networks.transformer import Sizes
from models.plan import Plan, read_plan
from models.training import Recipe
from shared.errors import InputMissingError, SettingsError

WRITTEN = """
name = "written"
network = "transformer"
calibration = "vector"
train_until = "2019-12-31"
score_test = false

[sizes]
width = 32

[recipe]
epochs = 5
ensemble = 3

[label]
kind = "triple_barrier"
horizon = 4

[adaptive]
half_life = 100
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.toml"
    path.write_text(WRITTEN)
    return path


def test_without_a_file_the_plan_is_the_default() -> None:
    assert read_plan(None, {}, "made") == Plan(name="made")
    assert Plan(name="made").label == FixedReturn()


def test_a_file_holds_the_whole_plan(file: Path) -> None:
    plan = read_plan(file, {}, "made")
    assert plan.name == "written"
    assert plan.network_sizes() == Sizes(width=32)
    assert plan.recipe == Recipe(epochs=5, ensemble=3)
    assert plan.label == TripleBarrier(horizon=4)
    assert (plan.calibration, plan.adaptive.half_life) == ("vector", 100.0)
    assert (plan.train_until, plan.validate_until, plan.score_test) == ("2019-12-31", "", False)


def test_flags_override_the_file_field_by_field(file: Path) -> None:
    flags = {"name": "flag", "recipe": {"epochs": 7, "seed": 2}, "score_test": True}
    plan = read_plan(file, flags, "made")
    assert plan.name == "flag"
    assert plan.recipe == Recipe(epochs=7, seed=2, ensemble=3)
    assert plan.score_test
    assert plan.network == "transformer"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("colour = 3", "unknown field `colour`"),
        ("[recipe]\nspeed = 3", r"unknown field `speed` - at `\$.recipe`"),
        ("[sizes]\nwidth = 3", "sizes of cnn1d: Object contains unknown field `width`"),
        ("[label]\nhorizon = 3", r"`kind` - at `\$.label`"),
        ('[label]\nkind = "fixed_return"\nwidth = 3.0', r"unknown field `width` - at `\$.label`"),
        ("[adaptive]\ncoverage = 2.0", r"\$.adaptive.coverage"),
        ('network = "rnn"', "network must be cnn1d, transformer, gaf_cnn, was 'rnn'"),
        ('calibration = "magic"', r"\$.calibration"),
        ("trials = 0", r"\$.trials"),
        ('name = "No Such/Name"', r"\$.name"),
        ('sources = ["a.csv"]', "sources are the arguments of the command"),
        ("name =", "is not TOML"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_key(
    tmp_path: Path, written: str, sentence: str
) -> None:
    path = tmp_path / "train.toml"
    path.write_text(written)
    with pytest.raises(SettingsError, match=sentence) as refused:
        read_plan(path, {}, "made")
    assert str(path) in str(refused.value)


def test_a_flag_that_does_not_fit_is_not_blamed_on_the_file(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"^the arguments: .*\$.recipe.epochs"):
        read_plan(file, {"recipe": {"epochs": 0}}, "made")


def test_another_network_does_not_take_the_sizes_of_the_files(file: Path) -> None:
    with pytest.raises(SettingsError, match="the arguments: sizes of cnn1d"):
        read_plan(file, {"network": "cnn1d"}, "made")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match=r"absent.toml does not exist"):
        read_plan(tmp_path / "absent.toml", {}, "made")
    with pytest.raises(InputMissingError, match="cannot be read"):
        read_plan(tmp_path, {}, "made")
