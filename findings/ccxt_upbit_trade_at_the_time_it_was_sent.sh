#!/usr/bin/env bash
# ccxt: a trade of Upbit's stream has the time at which its frame was sent, not the one at which it was made.
# A trade of the last moments of a minute stands in the next one: that is another bar than the exchange's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet "ccxt==4.5.90"
cat > look.py <<'PY'
import asyncio

import ccxt.pro

# A frame in the form of https://docs.upbit.com/kr/reference/websocket-trade, made up.
FRAME = {
    "type": "trade",
    "code": "KRW-BTC",
    "timestamp": 1_790_000_040_025,  # sent
    "trade_timestamp": 1_790_000_039_990,  # made, 10 ms before the minute ends
    "trade_price": 100_000_000,
    "trade_volume": 0.25,
    "ask_bid": "BID",
    "sequential_id": 17_900_000_399_900_000,
    "stream_type": "REALTIME",
}


class Client:
    def resolve(self, *_):
        pass


async def told():
    upbit = ccxt.pro.upbit()
    upbit.handle_trades(Client(), FRAME)
    ((trade,),) = upbit.trades.values()
    bars = upbit.build_ohlcvc([trade], "1m")
    await upbit.close()
    return trade["timestamp"], bars[0][0]


made = FRAME["trade_timestamp"]
trade_ms, bar_ms = asyncio.run(told())
print("ccxt", ccxt.__version__)
print(f"made at {made}, told as {trade_ms}; of the minute {made // 60_000 * 60_000}, put into {bar_ms}")
assert (trade_ms, bar_ms) == (FRAME["timestamp"], made // 60_000 * 60_000 + 60_000), (trade_ms, bar_ms)
PY
venv/bin/python look.py
echo "the trade moved into the next minute"
