"""Bundles that are broken, each in one way: what a server must refuse in a sentence."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import safetensors.torch
import torch

from models.bundles.bundle import encode_weights
from models.bundles.files import MAX_CARD_BYTES, BundleFiles
from models.networks.cnn1d import Cnn1d, Cnn1dSizes
from tests.kit.cards import a_card

WILD = (1e13, -1e308, 2**70, -(2**70))
DEEP = 100_000


def good_files() -> BundleFiles:
    """Return the files of a small bundle in which nothing is wrong."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        weights, digest = encode_weights(Cnn1d(Cnn1dSizes(channels=(4,))))
    card = msgspec.json.format(msgspec.json.encode(a_card(digest)), indent=2)
    return BundleFiles(card=card, weights=weights)


def broken(good: BundleFiles) -> Iterator[tuple[str, BundleFiles]]:
    """Yield what is wrong and the files, for each of the ways."""
    yield from _numbers(good)
    yield from _words(good)
    yield from _texts(good)
    yield from _weights(good)


def _numbers(good: BundleFiles) -> Iterator[tuple[str, BundleFiles]]:
    # Every number of the card, one by one, becomes one that no model has.
    for path, value in _leaves(json.loads(good.card)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        for wild in WILD:
            yield f"{'.'.join(map(str, path))} = {wild:g}", _with(good, path, wild)
        yield f"{'.'.join(map(str, path))} = text", _with(good, path, "1")


def _words(good: BundleFiles) -> Iterator[tuple[str, BundleFiles]]:
    for field, word in {
        "market": "mars",
        "interval": "1w",
        "name": "../up",
        "feature_set": "moon_phase",
        "created": "yesterday",
        "weights_sha256": "0" * 64,
    }.items():
        yield f"{field} = {word}", _with(good, (field,), word)
    for kind, sizes in {
        "large": {"channels": [10**9]},
        "many": {"channels": [512] * 9},
        "even": {"kernel": 2},
        "below": {"channels": [-1]},
    }.items():
        yield f"sizes that are {kind}", _with(good, ("network", "sizes"), sizes)
    members = _with(good, ("network", "members"), 64)
    sizes = {"channels": [512] * 8, "kernel": 5, "dropout": 0}
    yield "more numbers than fit", _with(members, ("network", "sizes"), sizes)


def _texts(good: BundleFiles) -> Iterator[tuple[str, BundleFiles]]:
    deep = b"[" * DEEP + b"]" * DEEP
    for what, card in {
        "empty": b"",
        "a list": b"[]",
        "half": good.card[: len(good.card) // 2],
        "no UTF-8": good.card.replace(b'"made', b'"\xff\xfe'),
        "nested": deep,
        "nested in a field": good.card.replace(b'"sizes"', b'"deep": ' + deep + b', "sizes"'),
        "nested in sizes": good.card.replace(b'"channels"', b'"deep":' + deep + b', "channels"'),
        "nested objects": b'{"version":' * DEEP + b"2" + b"}" * DEEP,
        "infinite": good.card.replace(b'"jump_limit": 0.31', b'"jump_limit": 1e999'),
        "no number": good.card.replace(b'"jump_limit": 0.31', b'"jump_limit": NaN'),
    }.items():
        assert card != good.card, what
        yield f"a card that is {what}", BundleFiles(card=card, weights=good.weights)


def _weights(good: BundleFiles) -> Iterator[tuple[str, BundleFiles]]:
    for factor in (1e7, 1e30, float("inf"), float("nan")):
        yield f"weights × {factor}", _with_weights(good, factor)
    # Each weight may be: it is many of them in a row that overflow.
    yield "logits that overflow", _deep(good, layers=8, weight=9e5)
    yield "slopes that overflow", _deep(good, layers=3, weight=9e5)
    for what, content in {
        "empty": b"",
        "half": good.weights[: len(good.weights) // 2],
        "a pickle": b"\x80\x04}q\x00.",
        "a long header": (2**62).to_bytes(8, "little") + b"{}",
        "nested": (2 * DEEP).to_bytes(8, "little") + b"[" * DEEP + b"]" * DEEP,
    }.items():
        yield f"weights that are {what}", _hashed(good, content)
    yield "weights of another file", BundleFiles(card=good.card, weights=good.weights + b"\0")


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value[:1])
        for key, inside in items:
            yield from _leaves(inside, (*path, key))
    else:
        yield path, value


def _with(good: BundleFiles, path: tuple[Any, ...], value: object) -> BundleFiles:
    card = json.loads(good.card)
    place = card
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return BundleFiles(card=json.dumps(card).encode(), weights=good.weights)


def _with_weights(good: BundleFiles, factor: float) -> BundleFiles:
    weights = {name: (w + 1) * factor for name, w in safetensors.torch.load(good.weights).items()}
    return _hashed(good, safetensors.torch.save(weights))


def _deep(good: BundleFiles, *, layers: int, weight: float) -> BundleFiles:
    network = Cnn1d(Cnn1dSizes(channels=(4,) * layers))
    weights = {name: torch.full_like(w, weight) for name, w in network.state_dict().items()}
    made = _with(good, ("network", "sizes"), {"channels": [4] * layers})
    return _hashed(made, safetensors.torch.save(weights))


def _hashed(good: BundleFiles, content: bytes) -> BundleFiles:
    # The card agrees, so that the hash is not what refuses.
    made = _with(good, ("weights_sha256",), hashlib.sha256(content).hexdigest())
    return BundleFiles(card=made.card, weights=content)


def large_card(good: BundleFiles) -> bytes:
    """Return a lawful card that is one byte larger than one may be."""
    return good.card + b" " * (MAX_CARD_BYTES + 1 - len(good.card))
