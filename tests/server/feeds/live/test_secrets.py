import pytest

from server.feeds.live.faults import SourceError
from server.feeds.live.secrets import VendorKey, vendor_key


def test_a_key_comes_of_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICKERLENS_TOSS_CLIENT_ID", "abc123")
    key = vendor_key("toss", "client_id")
    assert key.reveal() == "abc123"
    assert "abc123" not in f"{key} {key!r} {vars(type(key))}"
    assert key.masked("GET /?id=abc123") == "GET /?id=***"


def test_a_key_comes_of_the_keyring_where_the_environment_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keyring = pytest.importorskip("keyring")
    kept = {("tickerlens", "toss.client_id"): "xyz"}
    monkeypatch.setattr(keyring, "get_password", lambda *entry: kept.get(entry))
    assert vendor_key("toss", "client_id").reveal() == "xyz"
    with pytest.raises(SourceError, match="set TICKERLENS_TOSS_CLIENT_SECRET, or: python -m"):
        vendor_key("toss", "client_secret")


def test_an_empty_key_masks_nothing() -> None:
    assert VendorKey("").masked("as it is") == "as it is"
