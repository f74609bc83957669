"""Follow a tickerlens server with pyzmq and msgpack alone; docs/protocol.md is all it knows.

Usage: python plain_client.py [PUBLISH_ENDPOINT REQUESTS_ENDPOINT [MESSAGES]]
"""

import struct
import sys
from typing import Any

import msgpack
import zmq


def numbers(frame: bytes, code: str) -> tuple[Any, ...]:
    """Return the elements of an array frame: code f is f4, d is f8, q is i8."""
    return struct.unpack(f"<{len(frame) // struct.calcsize(code)}{code}", frame)


def ask(socket: zmq.Socket[bytes], **request: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Send a request; return the header of its answer, and the arrays by name."""
    socket.send(msgpack.packb({"protocol": 3, "request_id": 1, **request}))
    if not socket.poll(5000):
        raise SystemExit("the server does not answer")
    _envelope, packed, *arrays = socket.recv_multipart()
    header = msgpack.unpackb(packed)
    return header, dict(zip(header["arrays"], arrays, strict=True))


def up_confidence(header: dict[str, Any], arrays: dict[str, bytes]) -> dict[str, float]:
    """Return the class-2 probability of each ticker that has the flag DECIDED, 2."""
    up, flags = numbers(arrays["probabilities"], "f")[2::3], arrays["flags"]
    return {s: p for s, p, flag in zip(header["symbols"], up, flags, strict=True) if flag & 2}


def main(publish: str, requests: str, messages: int) -> None:
    """Print the snapshot's most confident ticker, its heatmap, and what is published then."""
    with zmq.Context() as ctx, ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.DEALER) as dealer:
        sub.linger = dealer.linger = 0
        sub.connect(publish)
        dealer.connect(requests)
        for topic in (b"confidence/", b"buy/", b"status/"):
            sub.subscribe(topic)
        while msgpack.unpackb(sub.recv_multipart()[1]).get("state", "starting") == "starting":
            pass  # until a status says that history is loaded
        up = up_confidence(*ask(dealer, type="snapshot"))
        best, p = max(up.items(), key=lambda row: row[1], default=("nothing", 0.0))
        print(f"{best} goes up with a confidence of {p:.1%}, because of")
        cells = numbers(ask(dealer, type="heatmap", symbol=best)[1]["saliency"], "f")
        for step in range(6):
            print(f"  {step - 5:2d} ", *(f"{s:+.3f}" for s in cells[8 * step : 8 * step + 8]))
        for _ in range(messages):
            said = msgpack.unpackb(sub.recv_multipart()[1])
            print(said["type"], said["stamp"]["sequence"], *said.get("symbols", ())[:8])


if __name__ == "__main__":
    defaults = ("tcp://127.0.0.1:5555", "tcp://127.0.0.1:5556", "9")
    given = (*sys.argv[1:], *defaults[len(sys.argv) - 1 :])
    main(given[0], given[1], int(given[2]))
