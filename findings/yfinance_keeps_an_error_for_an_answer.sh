#!/usr/bin/env bash
# yfinance: one HTTP 500 is the answer of a ticker for as long as the process lives; the vendor is not asked again.
# What is asked of the past goes through functools.lru_cache, whatever the status of the answer, and so does the
# first question of all, for the ticker's time zone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet "yfinance==1.7.0" "curl_cffi==0.16.3" "pandas==2.3.3"
cat > look.py <<'PY'
import http.server
import json
import threading

import yfinance
from curl_cffi import requests

META = {"currency": "USD", "instrumentType": "EQUITY", "exchangeTimezoneName": "America/New_York", "validRanges": []}
PRICES = {"open": [1.0], "high": [2.0], "low": [1.0], "close": [2.0], "volume": [10]}
RESULT = {"meta": META, "timestamp": [1_700_058_600], "indicators": {"quote": [PRICES]}}
asked = []


class Vendor(http.server.BaseHTTPRequestHandler):
    down = True

    def do_GET(self):
        chart = "/chart/" in self.path
        asked.extend([self.path] * chart)
        self.send_response(500 if chart and Vendor.down else 200)
        self.end_headers()
        body = {"chart": {"result": [RESULT], "error": None}}
        self.wfile.write(b"oops" if chart and Vendor.down else json.dumps(body).encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
threading.Thread(target=server.serve_forever, daemon=True).start()


class Moved(requests.Session):
    def request(self, method, url, *args, **kwargs):
        path = url.split("/", 3)[3] if url.count("/") > 2 else ""
        return super().request(method, f"http://127.0.0.1:{server.server_port}/{path}", *args, **kwargs)


def history():
    before = len(asked)
    try:
        ticker = yfinance.Ticker("MADE", session=Moved())
        told = f"{len(ticker.history(start='2023-11-15', end='2023-11-17'))} bar"
    except ValueError as e:
        told = type(e).__name__
    return told, len(asked) - before


yfinance.set_tz_cache_location("cache")
yfinance.config.debug.hide_exceptions = False
print("yfinance", yfinance.__version__)
first = history()
Vendor.down = False
second = history()
yfinance.data.YfData.cache_get.cache_clear()
third = history()
print("the vendor answers 500:", *first[:1])
print("the vendor is well again:", second[0], f"with {second[1]} questions to it")
print("after the cache was emptied:", third[0])
assert first[0] == second[0] == "JSONDecodeError", (first, second)
assert (second[1], third[0]) == (0, "1 bar"), (second, third)
PY
venv/bin/python look.py
echo "an error was kept for the answer"
