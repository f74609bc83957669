import msgspec
import pytest

from client.state.methods import is_doubtful, live_method, remark, truest_other
from shared.explaining import Finding, MapKind, OfferedMethod, Verdict
from tests.kit.maker import Maker
from tests.kit.methods import CAM, INTEGRATED, LIVE, PRODUCT, a_method


def test_a_published_map_says_by_what_it_is_made(make: Maker) -> None:
    heatmap = msgspec.structs.replace(
        make.heatmap("AAPL"), method="unheard_of", title="Unheard of", kind=MapKind.SHARE
    )
    live = live_method(heatmap)
    assert (live.name, live.title, live.kind) == ("unheard_of", "Unheard of", MapKind.SHARE)
    assert (live.live, live.columns, live.signed) == (True, 8, True)


@pytest.mark.parametrize(
    ("finding", "said", "doubtful"),
    [
        (None, "", False),
        (Finding.TRUE_BEST, "holds best when tested", False),
        (Finding.TRUE_WEAK, "holds weakly when tested", False),
        (Finding.BLIND_TO_WEIGHTS, "fails the sanity check", True),
        (Finding.NO_BETTER_THAN_RANDOM, "no better than random order", True),
        (Finding.POINTS_AT_WRONG_BAR, "points at the wrong bar", True),
        (Finding.TOO_FEW_DAYS, "too few days to tell", False),
    ],
)
def test_a_list_says_a_verdict_without_its_reason(
    finding: Finding | None, said: str, doubtful: bool
) -> None:
    verdict = None if finding is None else Verdict(finding=finding)
    method = msgspec.structs.replace(LIVE, verdict=verdict)
    assert remark(method) == said
    assert is_doubtful(method) == doubtful


def test_time_alone_is_said_once_and_a_slow_method_is_called_so() -> None:
    found = Verdict(finding=Finding.TRUE_TIME_ONLY)
    assert remark(msgspec.structs.replace(CAM, verdict=found)) == "time only · holds when tested"
    assert remark(msgspec.structs.replace(LIVE, slow=True)) == "slow"


def test_the_truest_map_of_shares_stands_beside_another() -> None:
    def share(name: str, finding: Finding, value: float) -> OfferedMethod:
        verdict = Verdict(finding=finding, value=value, limit=0.04)
        return a_method(name, name, kind=MapKind.SHARE, verdict=verdict)

    weak, good, faulty = (
        share("weak", Finding.TRUE_WEAK, 0.03),
        share("good", Finding.TRUE, 0.09),
        share("faulty", Finding.BLIND_TO_HEAD, 0.9),
    )
    methods = (LIVE, PRODUCT, CAM, weak, good, faulty)
    assert truest_other(methods, LIVE) == good
    assert truest_other(methods, good) == weak
    assert truest_other((LIVE, PRODUCT, INTEGRATED), LIVE) == INTEGRATED
    assert truest_other((LIVE, PRODUCT, CAM), LIVE) is None
