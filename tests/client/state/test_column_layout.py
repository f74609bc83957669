import pytest

from client.state.column_layout import ColumnLayout, placed
from client.state.list_cells import LIST_CELLS

ALL = [listed.cell.name for listed in LIST_CELLS]


@pytest.mark.parametrize("room", [390, 800, 1_270, 1_524, 2_550])
def test_columns_fill_the_room_and_the_least_important_give_way(room: int) -> None:
    widths = placed(ColumnLayout(), room)
    assert sum(widths.values()) == room
    assert list(widths) == [name for name in ALL if name in widths]
    assert {"ticker", "name", "change", "up"} <= widths.keys()
    assert ("trend" in widths) == (room >= 1_270)
    assert widths.keys().isdisjoint({"flat", "down", "changed"})


def test_a_column_without_content_takes_no_room() -> None:
    assert "name" not in placed(ColumnLayout(), 1_270, {"name"})


def test_what_the_user_chose_holds() -> None:
    columns = ColumnLayout(order=("of another version", "up", *(n for n in ALL if n != "name")))
    columns = columns.with_shown("flat", shown=True).with_shown("bar", shown=False)
    widths = placed(columns.with_width("name", 5_000).with_width("last", 70), 4_000)
    assert list(widths)[:2] == ["up", "star"]
    assert "flat" in widths
    assert "bar" not in widths
    assert (widths["name"], widths["last"]) == (2_000, 70)
    names = [listed.cell.name for listed in columns.ordered()]
    assert sorted(names) == sorted(ALL)
    assert names.index("name") == names.index("ticker") + 1
