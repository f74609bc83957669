"""Some links of desks in one process, until its stdin ends."""

import sys

from client.net.link import Link
from client.state.inbox import Inbox
from shared.endpoints import Endpoints


def main() -> None:
    """Follow the server that is named, with as many links as asked for."""
    publish, requests, count = sys.argv[1:]
    endpoints = Endpoints(publish=publish, requests=requests)
    inboxes = [Inbox() for _ in range(int(count))]
    links = [Link(endpoints, inbox) for inbox in inboxes]
    for link in links:
        link.start()
    sys.stdin.read()
    for link in links:
        link.stop()


if __name__ == "__main__":
    main()
