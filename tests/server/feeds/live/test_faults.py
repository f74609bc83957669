import pytest

from server.feeds.live.faults import ADVICE, Backoff, SourceError


def test_a_fault_is_one_sentence_that_says_what_to_do() -> None:
    told = str(SourceError("not_registered", "toss", "ip-not-allowed"))
    assert told == (
        "toss does not answer the address of this machine (ip-not-allowed); what to do: register "
        "the address there"
    )


def test_waits_grow_to_a_ceiling_are_drawn_and_never_shorter_than_the_vendor_said() -> None:
    fault = SourceError("cut", "toss")
    backoff = Backoff(seed=1)
    waits = [backoff.wait_s(fault) for _ in range(12)]
    ceilings = [min(2.0**n, ADVICE["cut"].most_s) for n in range(12)]
    assert all(c / 2 <= w <= c for w, c in zip(waits, ceilings, strict=True))
    assert Backoff(seed=2).wait_s(fault) != Backoff(seed=1).wait_s(fault)
    told = SourceError("limited", "toss", retry_s=400)
    assert backoff.wait_s(told) == 400
    backoff.healed()
    assert backoff.wait_s(fault) <= 1


def test_what_a_person_must_mend_is_not_tried_every_second() -> None:
    wait_s = Backoff(seed=1).wait_s(SourceError("key_revoked", "toss"))
    assert wait_s == pytest.approx(22.5, abs=7.5)
