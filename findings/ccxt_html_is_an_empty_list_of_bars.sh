#!/usr/bin/env bash
# ccxt: a page of HTML with status 200, as a provider's proxy gives it in maintenance, is an empty list of bars.
# Nothing is raised, and an empty list means that nothing was traded: who keeps it has a hole for good.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install --quiet "ccxt==4.5.90"
cat > look.py <<'PY'
import http.server
import threading

import ccxt

MARKETS = b'[{"market":"KRW-BTC","korean_name":"B","english_name":"B"}]'


class Exchange(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>maintenance</html>" if "candles" in self.path else MARKETS)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
threading.Thread(target=server.serve_forever, daemon=True).start()
upbit = ccxt.upbit({"enableRateLimit": False})
for name in upbit.urls["api"]:
    upbit.urls["api"][name] = f"http://127.0.0.1:{server.server_port}"
bars = upbit.fetch_ohlcv("BTC/KRW", "1m", since=1_789_999_000_000, limit=5)
print("ccxt", ccxt.__version__)
print("answered with", upbit.last_http_response, "told as", bars)
assert bars == [], bars
PY
venv/bin/python look.py
echo "a page of HTML was taken for minutes without a trade"
