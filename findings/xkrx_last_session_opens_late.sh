#!/usr/bin/env bash
# exchange_calendars: the Korean calendar's last session opens at 10:00 if the span is long, at 09:00 if it is short.
# A server that looks up today's open in a calendar that ends today is told an hour that is wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet "exchange_calendars==4.13.2" "pandas==3.1.1"
cat > look.py <<'PY'
import exchange_calendars
import pandas

END = "2026-10-30"  # a Friday like any other: the first session of the year is the only late one


def last_open(start: str) -> str:
    schedule = exchange_calendars.get_calendar("XKRX", start=start, end=END).schedule
    assert str(schedule.index[-1].date()) == END
    return schedule["open"].iloc[-1].tz_convert("Asia/Seoul").strftime("%H:%M")


print("exchange_calendars", exchange_calendars.__version__, "pandas", pandas.__version__)
found = {start: last_open(start) for start in ("2024-01-02", "1990-01-03")}
for start, opens in found.items():
    print(f"from {start}: the session of {END} opens at {opens}")
assert found == {"2024-01-02": "09:00", "1990-01-03": "10:00"}, found
PY
venv/bin/python look.py
echo "the same session of one calendar opens at two hours, by where the span begins"
