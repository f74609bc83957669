"""The table of docs/sources.md, as the declarations have it."""

from models.data.sources.shape import Shape

HEAD = (
    "| name | what | recognized by | read | zone | stamp | adjusted | assumes | source |",
    "|---|---|---|---|---|---|---|---|---|",
)


def table_row(shape: Shape) -> str:
    """Return what the table says of a shape."""
    cells = (
        f"`{shape.name}`",
        shape.title,
        _looks(shape),
        f"refused: {shape.refused}" if shape.refused else "read",
        "asked" if "timezone" in shape.asks else shape.zone or "the market's",
        {"auto": "told by the sessions"}.get(shape.stamp, shape.stamp),
        {True: "yes", False: "no", None: "by `adj_close`, or unknown"}[shape.adjusted],
        "; ".join(_assumed(shape)) or "nothing else",
        shape.source,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _looks(shape: Shape) -> str:
    parts = []
    if shape.has:
        parts.append("columns " + ", ".join(f"`{c}`" for c in shape.has if c))
    if "" in shape.has:
        parts.append("a first column without a name")
    if shape.cells:
        parts.append("cells of " + ", ".join(f"`{c}`" for c in shape.cells))
    if shape.pattern:
        parts.append(f"no names, {len(shape.order)} cells")
    if shape.file_name:
        parts.append("the name of the file")
    return "; ".join(parts) or "nothing: say it"


def _assumed(shape: Shape) -> list[str]:
    order = ", ".join(role for role in shape.order if role != "-")
    told = {
        f"market `{shape.market}`": shape.market,
        "the market is asked": "market" in shape.asks,
        f"order {order}": order,
        f"volume is the sum of {' and '.join(shape.volume_of)}": shape.volume_of,
        f"prices × {shape.price_scale:g}": shape.price_scale != 1,
        f"volumes × {shape.volume_scale:g}": shape.volume_scale != 1,
        "a sign before a price is that of the change": shape.signed,
        "days run to the end of the evening": shape.evening,
        f"days of currencies end at midnight of {shape.day_zone}": shape.day_zone,
        "the date stands in the name of the file": shape.file_date,
        "the ticker stands in the name of the file": shape.file_symbol,
        **{f"only rows with {c} {'/'.join(v)}": True for c, v in shape.keep.items()},
    }
    return [said for said, holds in told.items() if holds]
