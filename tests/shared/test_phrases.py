import string

from shared.explaining import Finding, Verdict
from shared.phrases import ENGLISH, in_full, in_plain_words, in_short, measured, say
from tests.kit.for_each import for_each
from tests.kit.places import ROOT


@for_each("finding", Finding)
def test_every_finding_can_be_said_in_full_in_short_and_with_its_number(finding: Finding) -> None:
    verdict = Verdict(finding=finding, value=0.41, limit=0.3)
    for said in (in_full(verdict), in_short(verdict), in_plain_words(verdict), measured(verdict)):
        assert said
        assert "{" not in said


def test_the_number_that_decided_is_said_with_its_limit() -> None:
    blind = Verdict(finding=Finding.BLIND_TO_HEAD, value=0.412, limit=0.3)
    assert "0.41" in measured(blind)
    assert "0.30" in measured(blind)
    true = Verdict(finding=Finding.TRUE, tested=1_000)
    assert in_plain_words(true).endswith("more than hiding others: tested on 1,000 cases")


@for_each("key", ENGLISH)
def test_what_a_template_takes_has_a_name(key: str) -> None:
    taken = [name for _, name, _, _ in string.Formatter().parse(ENGLISH[key]) if name is not None]
    of_cells = {"subject", "ago", "what", "unit", "share", "times", "reference", "label", "arrow"}
    of_verdicts = {"method", "verdict", "value", "limit", "tested", "windows"}
    assert set(taken) <= of_verdicts | of_cells


def test_another_language_is_another_table() -> None:
    words = dict.fromkeys(ENGLISH, "{value:.1f} statt {limit:.1f}")
    verdict = Verdict(finding=Finding.BLIND_TO_LABELS, value=0.41, limit=0.3)
    assert in_full(verdict, words) == "0.4 statt 0.3"
    assert say("verdict.none", {"verdict.none": "{method}: ?"}, method="CAM") == "CAM: ?"


@for_each("finding", Finding)
def test_the_page_of_docs_tells_every_finding(finding: Finding) -> None:
    page = (ROOT / "docs" / "explanations.md").read_text(encoding="utf-8")
    said = in_full(Verdict(finding=finding))
    assert f"| `{finding.value}` | {said} |" in page
