#!/usr/bin/env bash
# python-kis: the live change in percent is divided by the present price, not by the close that it counts from.
# A share at its upper limit, +30%, reads 23.08; one at its lower limit, -30%, reads -42.86.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
# It uses typing_extensions and does not ask for it.
venv/bin/python -m pip install --quiet "python-kis==2.1.6" typing_extensions
cat > look.py <<'PY'
from decimal import Decimal
from importlib.metadata import version

from pykis.api.websocket.price import KisDomesticRealtimePrice

CLOSE = Decimal(10_000)  # of the day before


def told(price: int) -> float:
    tick = object.__new__(KisDomesticRealtimePrice)
    tick.price, tick.change = Decimal(price), price - CLOSE
    return round(float(tick.change_rate), 2)


print("python-kis", version("python-kis"))
found = {price: told(price) for price in (13_000, 7_000)}
for price, percent in found.items():
    print(f"from {CLOSE} to {price}: {(price - CLOSE) / CLOSE:+.0%}, told as {percent}")
assert found == {13_000: 23.08, 7_000: -42.86}, found
PY
venv/bin/python look.py
echo "the change is divided by the price that changed"
