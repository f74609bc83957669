import msgspec
import pytest
from rich.pretty import pretty_repr

from shared.endpoints import Endpoints
from shared.errors import UnavailableError
from shared.keys import DeskKeys, Invite, KeyPair, ServerKeys, is_key, pair_of
from tests.kit.for_each import for_each

# The example keys of zmq_curve(7).
PUBLIC = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
HIDDEN = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"
PAIR = KeyPair(public=PUBLIC, secret=HIDDEN)


@for_each(
    ("text", "expected"),
    [
        (PUBLIC, True),
        (HIDDEN, True),
        ("0" * 40, True),
        ("%nSc0" * 8, True),  # each 2**32 - 1
        ("%nSc1" * 8, False),  # each 2**32
        ("#" * 40, False),
        (PUBLIC[1:], False),
        (PUBLIC + "0", False),
        ('"' + PUBLIC[1:], False),
        ("é" * 40, False),
        ("", False),
    ],
)
def test_what_is_a_key(text: str, expected: bool) -> None:
    assert is_key(text) is expected


def test_a_secret_stands_in_no_text_made_of_a_record() -> None:
    keys = DeskKeys(server=PUBLIC, pair=PAIR)
    invite = Invite(name="ada", connect="tcp://a:1", requests="", keys=keys)
    endpoints = Endpoints(publish="tcp://a:1", requests="tcp://a:2", keys=keys)
    for record in (PAIR, keys, ServerKeys(pair=PAIR, desk=PUBLIC), invite, endpoints, [PAIR]):
        for text in (repr(record), str(record), f"{record}", pretty_repr(record)):
            assert HIDDEN not in text
            assert PUBLIC in text


def test_a_record_with_no_key_in_it_is_refused_without_telling_it() -> None:
    for wrong in (HIDDEN + "x", "#" * 40):
        packed = msgspec.json.encode({"public": PUBLIC, "secret": wrong})
        with pytest.raises(msgspec.ValidationError) as refused:
            msgspec.json.decode(packed, type=KeyPair)
        assert HIDDEN not in str(refused.value)
        with pytest.raises(ValueError, match="Z85"):
            DeskKeys(server=wrong, pair=PAIR)
        with pytest.raises(ValueError, match="Z85"):
            ServerKeys(pair=PAIR, desk=wrong)


def test_where_no_pair_can_be_made_it_says_so() -> None:
    assert pair_of((PUBLIC.encode(), HIDDEN.encode())) == PAIR
    with pytest.raises(UnavailableError, match="CURVE"):
        pair_of(None)
