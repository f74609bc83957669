import pytest

from tests.kit.traded_days import MadeTrades, scripted_days


@pytest.fixture(scope="session")
def trades() -> MadeTrades:
    """A whole day and the next morning of three Korean tickers."""
    return scripted_days(3)


@pytest.fixture
def vendor_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the keys that the stand-ins know into the environment."""
    for name, value in {
        "TOSS_CLIENT_ID": "c_1",
        "TOSS_CLIENT_SECRET": "s_1",
        "KIS_APP_KEY": "k",
        "KIS_APP_SECRET": "s",
    }.items():
        monkeypatch.setenv(f"TICKERLENS_{name}", value)
