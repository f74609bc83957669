"""A bare socket that answers at once, until its stdin ends: what this machine itself costs."""

import json
import sys

import zmq


def main() -> None:
    """Send back whatever comes; say where as one line of JSON."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.linger = 0
        port = router.bind_to_random_port("tcp://127.0.0.1")
        print(json.dumps(f"tcp://127.0.0.1:{port}"), flush=True)  # noqa: T201 - to its parent
        poller = zmq.Poller()
        poller.register(router, zmq.POLLIN)
        poller.register(sys.stdin.fileno(), zmq.POLLIN)
        while sys.stdin.fileno() not in (ready := dict(poller.poll())):
            if router in ready:
                router.send_multipart(router.recv_multipart())


if __name__ == "__main__":
    main()
