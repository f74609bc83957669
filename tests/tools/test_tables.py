import re
from pathlib import Path

import pytest

from tests.kit.for_each import for_each
from tools.tables import DOCS, TABLES, exit_codes, markdown, renewed

PAGES = sorted(DOCS.rglob("*.md"))


@for_each("page", PAGES)
def test_the_tables_of_a_page_are_what_the_code_declares(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, "python -m tools.tables writes them anew"


def test_every_table_stands_on_a_page() -> None:
    marks = [m for p in PAGES for m in re.findall(r"<!-- table: (.+) -->", p.read_text("utf-8"))]
    assert sorted(marks) == sorted(TABLES)


def test_a_table_is_put_between_its_marks_and_nothing_else_changes() -> None:
    old = "a\n<!-- table: exit codes -->\nstale\n<!-- end of table -->\nz\n"
    new = renewed(old)
    assert new.startswith("a\n<!-- table: exit codes -->\n| code | meaning |\n|---|---|\n| 0 |")
    assert new.endswith(" |\n<!-- end of table -->\nz\n")
    assert "stale" not in new
    assert renewed(new) == new


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(KeyError, match="no such"):
        renewed("<!-- table: no such -->\n<!-- end of table -->\n")


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert markdown([("a", "b"), ("x|y", "z")]) == "| a | b |\n|---|---|\n| x\\|y | z |\n"


def test_every_exit_code_is_told_once() -> None:
    codes = [row[0] for row in exit_codes()][1:]
    assert codes == ["0", "1", "2", "65", "66", "69", "70", "77", "78", "130, 143"]
