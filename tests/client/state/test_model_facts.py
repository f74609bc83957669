import datetime

from client.state.model_facts import UNTOLD, ModelFact, Standpoint, model_facts
from shared.protocol.answers import ModelCard
from shared.provenance import JudgedSkill, Provenance, SampleSpan
from tests.kit.messages import a_message
from tests.kit.spreads import a_spread

DAY_MS = 86_400_000
START_MS = 1_577_836_800_000  # 2020-01-01 00:00 UTC


def span(first: int, last: int) -> SampleSpan:
    return SampleSpan(
        first_ms=START_MS + first * DAY_MS, last_ms=START_MS + last * DAY_MS, samples=1_200
    )


MADE = Provenance(
    created_ms=START_MS + 400 * DAY_MS,
    label="return over the next bar",
    train=span(0, 30),
    validation=span(31, 59),
    test=span(60, 90),
    skill=JudgedSkill(
        value=0.019,
        low=0.01,
        high=0.026,
        baseline="LightGBM",
        of_baseline=0.0192,
        gain=-0.0004,
        gain_low=-0.004,
        gain_high=0.003,
    ),
)


def facts(market_day: int, **told: object) -> dict[str, ModelFact]:
    card = a_message(ModelCard, up_means="up ≥ 1% in 1 day", **told)
    moment = Standpoint(
        now_ms=START_MS + 401 * DAY_MS,
        market_ms=START_MS + market_day * DAY_MS,
        zone=datetime.UTC,
    )
    return {fact.name: fact for fact in model_facts(card, moment)}


def test_a_model_is_told_by_what_it_says_learned_and_was_worth() -> None:
    told = facts(100, provenance=MADE, confidence=a_spread(0.2, 0.6))
    assert {name: fact.words for name, fact in told.items()} == {
        "Up means": "up ≥ 1% in 1 day",
        "Classes": "return over the next bar",
        "Trained on": "1 Jan 2020 to 31 Jan 2020 · 1,200 windows",
        "Tuned on": "1 Feb 2020 to 29 Feb 2020 · 1,200 windows",
        "Tested on": "1 Mar 2020 to 31 Mar 2020 · 1,200 windows",
        "Age": "made 4 Feb 2021, 1 day ago; learned from bars until 29 Feb 2020, 41 days before "
        "those shown",
        "Skill when tested": "+0.019 (+0.010 to +0.026) · 0 is always saying the base rate",
        "Best baseline": "LightGBM, +0.019 · −0.000 (−0.004 to +0.003): which may be chance",
        "Base rate": "33% of 1,000 windows went up",
        "Buys worth a look": "top 10% · when tested 50% of 50 came true",
    }
    assert not any(fact.warns for fact in told.values())


def test_bars_that_it_learned_from_are_warned_of_and_an_old_server_says_little() -> None:
    seen = facts(45, provenance=MADE)["Age"]
    assert seen.warns
    assert seen.words.endswith("it has seen what comes of the bars that are shown")
    assert facts(45)["Made of"].words == UNTOLD
