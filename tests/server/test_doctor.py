import msgspec
import pytest

from server.__main__ import main


def test_a_key_that_is_missing_is_said_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"TICKERLENS_TOSS_{name}", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    code = main(["doctor", "--feed", "toss", "--json", "--feed-option", "universe=kospi"])
    said = capsys.readouterr()
    assert code == 69
    findings = {f["what"]: f for f in msgspec.json.decode(said.out)}
    assert findings["versions"]["ok"] is True
    assert "TICKERLENS_TOSS_CLIENT_ID" in findings["keys and settings"]["detail"]
    assert "keys and settings" in said.err


def test_a_feed_without_a_vendor_and_a_setting_that_does_not_fit_are_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["doctor", "--feed", "replay:bars"]) == 78
    assert "live feed" in capsys.readouterr().err
    assert main(["doctor", "--feed", "toss", "--interval", "1d"]) == 69
    assert "FAIL keys and settings" in capsys.readouterr().out
