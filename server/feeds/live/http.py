"""How a vendor is asked over HTTP."""

import functools
import ssl

import httpx

_TIMEOUT_S = 20.0


def http_client(address: str) -> httpx.AsyncClient:
    """Return a client of what a vendor offers below an address."""
    return httpx.AsyncClient(base_url=address, timeout=_TIMEOUT_S, verify=_trusted())


@functools.cache  # to read all authorities takes longer than all else of a client
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()
