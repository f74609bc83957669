"""Values as people read them; pure functions, the same for the desk and the terminal."""

import datetime
import math
import zoneinfo
from html import escape
from typing import Final

from shared.columns import DECIDED
from shared.contract import CLASS_NAMES, Class
from shared.features import Feature
from shared.limits import LAST_MS
from shared.plain_text import plain_text

NOTHING: Final = "–"
_MONTHS: Final = [
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
]
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_S: Final = 86_400
_INTERVAL_WORDS: Final = {"1d": "Daily", "1h": "Hourly", "7d": "Weekly"}
_VOLUME_UNITS: Final = ((1e12, "T"), (1e9, "B"), (1e6, "M"))


def price(value: float, decimals: int) -> str:
    """Return `value` with thousands separators; a price of 0 is not known yet.

    Below 1 it keeps four figures: a coin at 0.0000001204 is not worth 0.0000.
    """
    if not value:
        return NOTHING
    if abs(value) >= 1:
        return f"{value:,.{decimals}f}"
    shown = f"{value:.{3 - math.floor(math.log10(abs(value)))}f}"
    whole, _, digits = shown.partition(".")
    return f"{whole}.{digits[:decimals]}{digits[decimals:].rstrip('0')}"


def price_tick(value: float, decimals: int, spacing: float) -> str:
    """Return a price on an axis, with decimals enough to tell it from the next one.

    Args:
        value: The price.
        decimals: That prices of the market have at least.
        spacing: Distance of two prices on the axis.
    """
    needed = math.ceil(-math.log10(spacing) - 1e-9) if spacing > 0 else 0
    return f"{value:,.{max(decimals, needed)}f}" if value else NOTHING


def volume(value: float) -> str:
    """Return a volume in at most about six characters, such as 412,060 or 1.24M."""
    for unit, letter in _VOLUME_UNITS:
        if value >= unit:
            return f"{value / unit:,.2f}{letter}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"


def percent(share: float) -> str:
    """Return a probability as a whole percentage."""
    return f"{share * 100:.0f}%"


def share_of_ten(share: float) -> str:
    """Return a share as people count it, such as 9 of 10, or 95 of 100."""
    tenths = round(share * 10)
    return f"{tenths} of 10" if abs(share * 10 - tenths) < 0.05 else f"{share * 100:.0f} of 100"


def strength(share: float) -> str:
    """Return how strong a confidence is among the model's own, such as top 3% or top 1 in 200."""
    above = max(1 - share, 0.001)
    return f"top {above * 100:.0f}%" if above >= 0.01 else f"top 1 in {round(1 / above):,}"


def whole_percent(share: float) -> str:
    """Return how far something has come, never rounded up to all of it; nothing for 0."""
    return f"{int(share * 100)}%" if share else ""


def change(value: float) -> str:
    """Return the size of a relative change; the arrow says its direction."""
    return f"{abs(value) * 100:.2f}%"


def arrow(value: float) -> str:
    """Return ▲ for a rise, ▼ for a fall, nothing for neither."""
    if value == 0:
        return ""
    return "▲" if value > 0 else "▼"


def distinct(name: str, symbol: str) -> str:
    """Return the name of a ticker; nothing where it is only the symbol again."""
    return "" if name == symbol else name


def decided(flags: int) -> bool:
    """Return whether a row of these flags has a confidence."""
    return bool(flags & DECIDED)


def class_word(winner: Class | None) -> str:
    """Return Up, Flat or Down for a class; nothing where there is none. Arrows are of prices."""
    return NOTHING if winner is None else CLASS_NAMES[winner].title()


def prediction_set(bits: int) -> str:
    """Return the classes of a prediction set as words, such as up or flat; nothing for none."""
    *first, last = [CLASS_NAMES[c] for c in reversed(Class) if bits & 1 << c] or [""]
    return " or ".join(filter(None, (", ".join(first), last)))


def age(ms: float) -> str:
    """Return a span as people say it, from tenths of a second to days."""
    seconds = max(ms, 0) / 1000
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    for unit, letter, limit in ((1, "s", 60), (60, "m", 60), (3600, "h", 48)):
        if seconds < unit * limit:
            return f"{int(seconds // unit)} {letter}"
    return f"{int(seconds // 86400)} d"


def local(ms: float, zone: datetime.tzinfo) -> datetime.datetime:
    """Return a time in ms since 1970 UTC as an aware time in `zone`; it raises for no number.

    What lies outside of 1970 to 2199 becomes the nearest time within: all that shows a time goes
    through here, and much of it while a window is painted, where an exception can end the program.
    """
    within = min(max(ms, 0), LAST_MS)
    return datetime.datetime.fromtimestamp(within / 1000, zone)


def clock_and_zone(ms: int, zone: datetime.tzinfo) -> str:
    """Return the time of day and the short name of the zone, such as 15:02:11 KST."""
    return f"{local(ms, zone):%H:%M:%S %Z}"


def moment(ms: int, now_ms: int, zone: datetime.tzinfo) -> str:
    """Return the time of day of something today, the date of anything else; nothing for 0."""
    if ms == 0:
        return NOTHING
    then, now = local(ms, zone), local(now_ms, zone)
    return f"{then:%H:%M:%S}" if then.date() == now.date() else _date(then, now)


def bar_stamp(ms: int, now_ms: int, interval_s: int, zone: datetime.tzinfo) -> str:
    """Return when a bar closed: the date of a bar of days, the time of others; nothing for 0.

    Of a time that is not today it tells the date, too, and of another year the date alone.
    """
    if ms == 0:
        return NOTHING
    then, now = bar_moment(ms, interval_s, zone), local(now_ms, zone)
    if interval_s >= _DAY_S:
        return _date(then, now)
    if then.year != now.year:
        return _date(then, now)
    time = f"{then:%H:%M}" if interval_s % 60 == 0 else f"{then:%H:%M:%S}"
    return time if then.date() == now.date() else f"{_date(then, now)} {time}"


def bar_tip(ms: int, interval_s: int, zone: datetime.tzinfo) -> str:
    """Return when a bar closed in full, in the exchange's time and by the clock on the wall."""
    if ms == 0:
        return ""
    there = f"bar of {bar_time(ms, interval_s, zone)}"
    return f"{there}, closed {wall_clock(ms)} by the clock here"


def wall_clock(ms: int) -> str:
    """Return a time with its date by the clock of this computer, and the name of its zone."""
    return f"{local(ms, datetime.UTC).astimezone():%Y-%m-%d %H:%M:%S %Z}"


def appointment(ms: int, now_ms: int, zone: datetime.tzinfo) -> str:
    """Return the time of day and the zone, and the day where it is not today."""
    then, now = local(ms, zone), local(now_ms, zone)
    time = f"{then:%H:%M %Z}"
    if then.date() == now.date():
        return time
    return f"{_WEEKDAYS[then.weekday()]} {_date(then, now)} {time}"


def _date(time: datetime.datetime, now: datetime.datetime) -> str:
    return day(time) if time.year == now.year else f"{day(time)} {time.year}"


def day(time: datetime.datetime) -> str:
    """Return day and month, such as 14 Sep; the program speaks English in every locale."""
    return f"{time.day} {month(time)}"


def month(time: datetime.datetime) -> str:
    """Return the short name of the month."""
    return _MONTHS[time.month - 1]


def bar_moment(ms: int, interval_s: int, zone: datetime.tzinfo) -> datetime.datetime:
    """Return the close of a bar in `zone`; a midnight that ends a day is put within that day."""
    whole_days = interval_s >= _DAY_S
    return local(ms - 1 if whole_days else ms, zone)


def bar_time(ms: int, interval_s: int, zone: datetime.tzinfo) -> str:
    """Return the date of a daily bar, or date and time of the close of a shorter one."""
    time = bar_moment(ms, interval_s, zone)
    return f"{time:%Y-%m-%d}" if interval_s >= _DAY_S else f"{time:%Y-%m-%d %H:%M}"


def interval_words(interval: str) -> str:
    """Return the length of a bar as an adjective, such as Daily or 5m."""
    return _INTERVAL_WORDS.get(interval, interval)


def column_label(steps_back: int) -> str:
    """Return the name of a bar of the window: now, −1, −2 and so on."""
    return f"−{steps_back}" if steps_back else "now"


def signed(value: float, digits: int = 2) -> str:
    """Return a number with its sign, and the true minus sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def plain(value: float, digits: int = 2) -> str:
    """Return a number with the true minus sign where it is below 0, and never minus zero."""
    shown = f"{value:.{digits}f}".replace("-", "−")
    return shown.removeprefix("−") if float(f"{value:.{digits}f}") == 0 else shown


def significant(value: float) -> str:
    """Return a number of any size with its sign and three figures."""
    return f"{value:+.3g}".replace("-", "−") if value else "0"


def raw_feature(value: float, feature: Feature) -> str:
    """Return a raw feature value with its unit."""
    return f"{signed(value, 4)} {feature.unit}".rstrip()


def tip(*lines: str) -> str:
    """Return the lines that say something as a tool-tip, in the form that Qt wraps.

    Qt takes a tool-tip for HTML where it looks like it: what is text is made to stay text.
    """
    parts = (plain_text(part) for line in lines for part in line.split("\n"))
    said = "<br>".join(escape(part) for part in parts if part)
    return f"<qt>{said}</qt>" if said else ""


def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Return the zone of an IANA name; UTC where this machine does not know it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError of a folder of zones
        return zoneinfo.ZoneInfo("UTC")
