from models.explain.methods import METHODS
from tests.kit.for_each import for_each
from tests.kit.places import ROOT

PAGE = (ROOT / "docs" / "explanations.md").read_text(encoding="utf-8")


@for_each("name", METHODS)
def test_the_page_tells_every_method_and_its_shape(name: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{name}` |" in line]
    cells = [cell.strip() for cell in row.replace(r"\|", "").split("|")]
    assert cells[3] == ("6" if METHODS[name].columns == 1 else "6 × 8")
    assert cells[4] == METHODS[name].kind.value
