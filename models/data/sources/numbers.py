"""Numbers as files write them: 59,752 and 1.2M and ₩70,210 and 1,5 and ="005930"."""

from typing import Final

import numpy as np
import polars as pl

from shared.contract import Float64

# What is written for no value; in the file's own words it is no dirt.
MISSING: Final = ("", "nan", "none", "null", "na", "n/a", "<na>", "-", "--", ".", "#n/a", "\\n")
_MARKS: Final = r"[\s'\"=$€£¥₩￥%+\u00a0\u2009\u202f]|KRW|USD|원"
_UNITS: Final = {
    "K": 1e3,
    "M": 1e6,
    "B": 1e9,
    "T": 1e12,
    "만": 1e4,
    "억": 1e8,
    "万": 1e4,
    "亿": 1e8,
}
_THOUSANDS: Final = r"^[-−]?\d{1,3}(,\d{3})+(\.\d+)?$"
_POINTS: Final = r"^[-−]?\d{1,3}(\.\d{3})+(,\d+)?$"
_COMMA: Final = r"^[-−]?\d+,\d+$"


def to_numbers(column: pl.Series, *, decimal_comma: bool = False) -> Float64:
    """Return (n,) float64, maybe not to be written to; NaN where there is no number.

    Args:
        column: Text or numbers.
        decimal_comma: Whether commas may stand before decimals in this file; the column tells.
    """
    plain = column.cast(pl.Float64, strict=False)
    if column.dtype != pl.String or plain.null_count() == column.null_count():
        return _array(plain)
    # Each look at a column costs polars more than a small file has cells: all is asked for at once.
    cells = pl.DataFrame({"cell": column, "plain": plain})
    if decimal_comma and cells.select(_has_decimal_comma(pl.col("cell"))).item():
        # 1.234 beside 1.234,5 is a thousand too
        text = _bare(pl.col("cell")).fill_null("").str.replace_all(".", "", literal=True)
        return _array(cells.select(_unit(text.str.replace(",", "."))).to_series())
    odd = pl.col("plain").is_null() & pl.col("cell").is_not_null()
    text = _without_thousands(_bare(pl.col("cell")))
    chosen = cells.select(odd).to_series()
    values = _array(plain).copy()
    values[chosen.to_numpy()] = _array(cells.filter(chosen).select(_unit(text)).to_series())
    return values


def _bare(cells: pl.Expr) -> pl.Expr:
    return cells.str.replace_all(_MARKS, "").str.replace_all("−", "-")


def fill(places: Float64, column: pl.Series, *, decimal_comma: bool = False) -> None:
    """Write the numbers of a column, as `to_numbers` returns them.

    Args:
        places: (n,) float64 to be written to.
        column: Text or numbers.
        decimal_comma: As of `to_numbers`.
    """
    if column.dtype.is_integer() and not column.null_count():
        places[:] = column.to_numpy()
        return
    start = 0
    for chunk in column.get_chunks() if column.dtype == pl.Float64 else [column]:
        values = to_numbers(chunk, decimal_comma=decimal_comma)
        places[start : start + len(chunk)] = values
        start += len(chunk)


def unreadable(column: pl.Series, values: Float64) -> pl.Series:
    """Return (n,) bool, the cells that hold something which is no number.

    Args:
        column: Text, as it stands in the file.
        values: (n,) float64, what was read of it.
    """
    missing = np.isnan(values)
    if not missing.any():
        return pl.Series(missing)
    cell = pl.col("cell")
    empty = cell.str.strip_chars(" \t\"'").str.to_lowercase().is_in(list(MISSING))
    cells = pl.DataFrame({"cell": column, "missing": missing})
    return cells.select(pl.col("missing") & cell.is_not_null() & ~empty).to_series()


def _has_decimal_comma(cells: pl.Expr) -> pl.Expr:
    # 1,5 and 1,2345 can only be decimals, 1.234,5 as well; 1,234 alone may be a thousand.
    text = cells.str.strip_chars(" \t\"'")
    decimals = text.str.contains(_COMMA) & ~text.str.contains(_THOUSANDS)
    return (decimals | text.str.contains(_POINTS)).any()


def _without_thousands(text: pl.Expr) -> pl.Expr:
    grouped = text.str.contains(r"^[-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?[A-Za-z만억万亿]?$")
    bare = text.str.replace_all(",", "", literal=True)
    return pl.when(grouped).then(bare).otherwise(text)


def _unit(text: pl.Expr) -> pl.Expr:
    letter = text.str.extract(r"\d\s*([KkMmBbTt만억万亿])$").str.to_uppercase()
    scale = letter.replace_strict(_UNITS, default=1.0, return_dtype=pl.Float64).fill_null(1.0)
    return text.str.replace(r"[KkMmBbTt만억万亿]$", "").cast(pl.Float64, strict=False) * scale


def _array(numbers: pl.Series) -> Float64:
    whole = numbers.cast(pl.Float64)
    values: Float64 = (whole.fill_null(np.nan) if whole.null_count() else whole).to_numpy()
    return values
