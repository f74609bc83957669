r"""Sends trades to a server that is started with a model of bars of five minutes.

tickerlens-server --feed push:tcp://127.0.0.1:5560 \
    --market crypto --interval 5m --bundle crypto-5min

It needs msgpack and pyzmq: python -m pip install msgpack pyzmq
"""

import itertools
import sys
import time

import msgpack
import zmq

socket = zmq.Context().socket(zmq.PUSH)
socket.connect(sys.argv[1] if len(sys.argv) > 1 else "tcp://127.0.0.1:5560")


def send(kind: str, **fields: object) -> None:
    """Send one message."""
    socket.send(msgpack.packb({"type": kind, "version": 1, **fields}))


send("listing", symbols=["BTCUSDT", "ETHUSDT"], names=["Bitcoin", "Ether"])
for number in itertools.count() if len(sys.argv) < 3 else range(int(sys.argv[2])):
    now = round(time.time() * 1000)
    prices, volumes = [60_000 + number % 7, 3_000 + number % 5], [0.5, 2.0]
    # `of` is left out: one trade of each ticker. `id` tells trades apart that come twice.
    send(
        "trades",
        symbols=["BTCUSDT", "ETHUSDT"],
        ms=[now, now],
        price=prices,
        volume=volumes,
        id=[number, number],
    )
    time.sleep(0.1)
