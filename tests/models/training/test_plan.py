import re
from pathlib import Path

import msgspec
import pytest

from models.bundles.recipe import Recipe
from models.data.labels import FixedReturn, LabelRule, ScaledReturn, TripleBarrier
from models.networks.kinds import NETWORKS
from models.networks.transformer import TransformerSizes
from models.training.plan import Plan, read_plan
from shared.errors import InputMissingError, SettingsError
from tests.kit.places import ROOT

DOCUMENT = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")

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


@pytest.mark.parametrize(
    ("folder", "name"),
    [("MyModel", "mymodel"), ("My  Model 2", "my-model-2"), ("krx_1.5-a", "krx_1.5-a")],
)
def test_a_bundle_is_called_like_its_folder_as_far_as_that_can_be(folder: str, name: str) -> None:
    assert read_plan(None, {}, folder).name == name
    assert read_plan(None, {"name": "other"}, folder).name == "other"


@pytest.mark.parametrize("folder", ["내모델", "a+b", "_a", "", "x" * 65])
def test_a_folder_that_cannot_name_a_bundle_asks_for_a_name(folder: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--name, 1 to 64 of a-z, 0-9, point") as refused:
        read_plan(None, {}, folder)
    assert "regex" not in str(refused.value)
    assert read_plan(None, {"name": "other"}, folder).name == "other"
    file = tmp_path / "plan.toml"
    file.write_text('name = "written"')
    assert read_plan(file, {}, folder).name == "written"


def test_a_name_that_cannot_be_one_is_refused_in_words() -> None:
    with pytest.raises(SettingsError, match="arguments: name must be 1 to 64 of a-z") as refused:
        read_plan(None, {"name": "MyModel"}, "made")
    assert "regex" not in str(refused.value)


def test_a_plan_names_a_feature_set_that_there_is(file: Path) -> None:
    assert read_plan(None, {}, "made").features == "price_volume"
    with pytest.raises(SettingsError, match="features must be price_volume, was 'moon_phase'"):
        read_plan(None, {"features": "moon_phase"}, "made")
    file.write_text('features = "moon_phase"')
    with pytest.raises(SettingsError, match=r"train.toml: features must be"):
        read_plan(file, {}, "made")


def test_a_file_holds_the_whole_plan(file: Path) -> None:
    plan = read_plan(file, {}, "made")
    assert plan.name == "written"
    assert plan.network_sizes() == TransformerSizes(width=32)
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
        ('name = "No Such/Name"', "name must be 1 to 64 of a-z, 0-9"),
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


def test_the_documented_plan_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "train.toml").write_text(DOCUMENT.split("```toml\n")[1].split("```")[0])
    plan = read_plan(tmp_path / "train.toml", {}, "made")
    assert plan.label == ScaledReturn(horizon=3)


@pytest.mark.parametrize("kind", [Plan, Recipe, *(k.sizes for k in NETWORKS.values())])
def test_every_key_is_documented_with_its_default(kind: type[msgspec.Struct]) -> None:
    for field in msgspec.structs.fields(kind):
        if field.name in ("name", "sources", "sizes", "recipe", "label", "adaptive"):
            continue
        default = msgspec.json.encode(field.default).decode().strip('"').replace(",", ", ")
        known = default and field.name not in ("train_until", "validate_until")
        wanted = re.escape(default) if known else ""
        assert re.search(rf"`{field.name}`[ |`]*{wanted}", DOCUMENT), field.name


@pytest.mark.parametrize("rule", [FixedReturn(), ScaledReturn(), TripleBarrier()])
def test_every_rule_is_documented_with_its_defaults(rule: LabelRule) -> None:
    values = msgspec.to_builtins(rule)
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{values['kind']}`"))
    for key, default in values.items():
        assert key == "kind" or f"`{key}` {default}" in row, key
