import dataclasses

import msgspec
import numpy as np
import pytest

from client.state.attribution_map import AttributionMap, View
from client.state.explained import WAITING, Choice, Explained
from client.state.inbox import Inbox
from client.state.update import Update
from client.state.wish import Wish
from shared.contract import Class
from shared.explaining import Finding, MapKind, OfferedMethod, Verdict
from shared.features import UNNAMED
from shared.protocol.explanations import Explanation
from shared.protocol.messages import Heatmap
from tests.kit.feature_sets import a_set
from tests.kit.maker import Maker
from tests.kit.methods import CAM, INTEGRATED, LIVE, PRODUCT, a_method

SYMBOL = "AAPL"
METHODS = (LIVE, CAM, INTEGRATED)


@pytest.fixture
def explained(make: Maker) -> Explained:
    explained = Explained(SYMBOL, METHODS)
    explained.apply(update(heatmap=make.heatmap(SYMBOL, newest_ms=100)))
    return explained


def update(
    *,
    heatmap: Heatmap | None = None,
    refusal: str = "",
    methods: tuple[OfferedMethod, ...] = (),
    answers: dict[Wish, Explanation | str] | None = None,
) -> Update:
    return dataclasses.replace(
        Inbox().drain(),
        methods=methods,
        heatmaps={SYMBOL: heatmap} if heatmap else {},
        refusals={SYMBOL: refusal} if refusal else {},
        explanations={SYMBOL: answers} if answers else {},
    )


def attribution(explained: Explained) -> AttributionMap:
    shown = explained.attribution()
    assert isinstance(shown, AttributionMap)
    return shown


def test_before_the_first_heatmap_it_waits_for_nothing_but_that() -> None:
    explained = Explained(SYMBOL)
    assert explained.attribution() == WAITING
    assert explained.attribution_beside() is None
    assert explained.wishes() == ()


def test_the_card_names_the_features_and_without_it_they_are_numbered(
    explained: Explained, make: Maker
) -> None:
    assert attribution(explained).features == UNNAMED
    card = msgspec.structs.replace(make.card(), features=a_set().features)
    assert explained.apply(dataclasses.replace(Inbox().drain(), card=card))
    assert attribution(explained).features == a_set().features


def test_the_live_map_of_the_winner_needs_no_request(explained: Explained) -> None:
    assert explained.wishes() == ()
    assert attribution(explained).method == LIVE
    assert attribution(explained).target == Class.UP


def test_gradient_times_input_of_the_winner_is_published_too(
    explained: Explained, make: Maker
) -> None:
    explained.apply(update(methods=(*METHODS, PRODUCT)))
    explained.choose(Choice(method="gradient_x_input"))
    assert explained.wishes() == ()
    heatmap = make.heatmap(SYMBOL, newest_ms=101)
    ones = np.full((6, 8), 3, np.float32)
    explained.apply(update(heatmap=msgspec.structs.replace(heatmap, saliency=ones, scaled=-ones)))
    assert (attribution(explained).map == -9).all()
    explained.choose(Choice(method="gradient_x_input", target=Class.DOWN))
    assert [wish.method for wish in explained.wishes()] == ["gradient_x_input"]


def test_a_slope_times_its_input_is_judged_as_the_product_that_it_is(
    explained: Explained,
) -> None:
    product = msgspec.structs.replace(PRODUCT, verdict=Verdict(finding=Finding.TRUE))
    explained.apply(update(methods=(*METHODS, product)))
    assert explained.checked_method(attribution(explained)) == product
    explained.choose(Choice(view=View.SIGNED))
    assert explained.checked_method(attribution(explained)) == LIVE
    explained.choose(Choice())
    explained.apply(update(methods=METHODS))
    assert explained.checked_method(attribution(explained)) == LIVE


def test_a_refusal_is_said_until_a_heatmap_comes(explained: Explained, make: Maker) -> None:
    explained.apply(update(refusal="not enough bars"))
    assert explained.attribution() == "not enough bars"
    explained.apply(update(heatmap=make.heatmap(SYMBOL)))
    assert attribution(explained).method == LIVE


def test_another_method_or_class_is_wished_for_and_shown_when_it_comes(
    explained: Explained, make: Maker
) -> None:
    explained.choose(Choice(method="grad_cam", target=Class.DOWN))
    wish = Wish(method="grad_cam", target=Class.DOWN)
    assert explained.wishes() == (wish,)
    assert explained.attribution() == WAITING
    answer = make.explanation(SYMBOL, "grad_cam", target=0, newest_ms=100)
    explained.apply(update(answers={wish: answer}))
    assert attribution(explained).map is answer.map
    assert attribution(explained).target == Class.DOWN
    assert attribution(explained).time_only


def test_the_live_method_is_asked_about_another_class(explained: Explained) -> None:
    explained.choose(Choice(target=Class.DOWN))
    assert explained.wishes() == (Wish(method="saliency", target=Class.DOWN),)


def test_an_answer_to_an_earlier_wish_is_dropped(explained: Explained, make: Maker) -> None:
    explained.choose(Choice(method="grad_cam"))
    before = explained.wishes()[0]
    explained.choose(Choice(method="integrated_gradients"))
    answer = make.explanation(SYMBOL, "grad_cam", newest_ms=100)
    explained.apply(update(answers={before: answer}))
    assert explained.attribution() == WAITING
    explained.choose(Choice(method="grad_cam"))
    assert explained.attribution() == WAITING


def test_an_answer_of_an_older_bar_than_the_heatmap_is_dropped(
    explained: Explained, make: Maker
) -> None:
    explained.choose(Choice(method="grad_cam"))
    (wish,) = explained.wishes()
    older, newer = (make.explanation(SYMBOL, "grad_cam", newest_ms=t) for t in (99, 101))
    explained.apply(update(answers={wish: older}))
    assert explained.attribution() == WAITING
    explained.apply(update(answers={wish: newer}))
    assert attribution(explained).map is newer.map
    explained.apply(update(answers={wish: older}, heatmap=make.heatmap(SYMBOL, newest_ms=101)))
    assert attribution(explained).map is newer.map


def test_what_is_shown_stays_until_the_answer_on_the_new_bar_comes(
    explained: Explained, make: Maker
) -> None:
    explained.choose(Choice(method="grad_cam"))
    (wish,) = explained.wishes()
    explained.apply(update(answers={wish: make.explanation(SYMBOL, "grad_cam", newest_ms=100)}))
    assert not explained.is_late(attribution(explained))
    explained.apply(update(heatmap=make.heatmap(SYMBOL, newest_ms=101)))
    assert explained.is_late(attribution(explained))
    explained.apply(update(answers={wish: make.explanation(SYMBOL, "grad_cam", newest_ms=101)}))
    assert not explained.is_late(attribution(explained))


def test_a_refused_wish_is_said_in_a_sentence(explained: Explained) -> None:
    explained.choose(Choice(method="grad_cam"))
    (wish,) = explained.wishes()
    explained.apply(update(answers={wish: "The server is busy."}))
    assert explained.attribution() == "The server is busy."


def test_two_methods_are_two_wishes_and_the_same_twice_is_one(explained: Explained) -> None:
    explained.choose(Choice(method="grad_cam", beside="integrated_gradients"))
    assert [w.method for w in explained.wishes()] == ["grad_cam", "integrated_gradients"]
    explained.choose(Choice(method="grad_cam", beside="grad_cam"))
    assert [w.method for w in explained.wishes()] == ["grad_cam"]


def test_comparing_starts_with_what_a_slope_is_best_held_against(explained: Explained) -> None:
    assert explained.toggle_beside().beside == "integrated_gradients"
    explained.choose(Choice(method="integrated_gradients"))
    assert explained.toggle_beside().beside == "saliency"
    explained.choose(Choice(beside="grad_cam"))
    assert explained.toggle_beside().beside == ""


def test_a_model_with_one_method_has_none_to_compare_with() -> None:
    assert Explained(SYMBOL, (LIVE,)).toggle_beside().beside == ""


def test_stepping_goes_round_the_list(explained: Explained) -> None:
    assert explained.step(1).method == "grad_cam"
    assert explained.step(-1).method == "integrated_gradients"
    explained.choose(Choice(method="integrated_gradients"))
    assert explained.step(1).method == "saliency"


def test_a_method_that_another_model_lacks_gives_way_to_the_live_one(
    explained: Explained,
) -> None:
    explained.choose(Choice(method="grad_cam", beside="integrated_gradients"))
    explained.apply(update(methods=(LIVE,)))
    assert explained.wishes() == ()
    assert attribution(explained).method == LIVE
    assert explained.attribution_beside() is None


def test_a_new_universe_forgets_all_but_the_choice(explained: Explained, make: Maker) -> None:
    explained.choose(Choice(method="grad_cam"))
    explained.apply(dataclasses.replace(update(), universe=make.universe()))
    assert explained.attribution() == WAITING
    assert explained.wishes() == (Wish(method="grad_cam"),)


def test_until_the_methods_are_told_a_published_map_speaks_for_itself(make: Maker) -> None:
    explained = Explained(SYMBOL)
    explained.choose(Choice(target=Class.DOWN))
    assert explained.wishes() == ()
    heatmap = msgspec.structs.replace(make.heatmap(SYMBOL), method="unheard_of")
    explained.apply(update(heatmap=heatmap))
    assert explained.wishes() == (Wish(method="unheard_of", target=Class.DOWN),)
    explained.choose(Choice())
    assert attribution(explained).map is heatmap.saliency
    explained.apply(update(methods=METHODS))
    assert attribution(explained).method == LIVE


def test_the_live_method_and_its_product_are_known_by_what_is_said_of_them(make: Maker) -> None:
    live = a_method("one", "One", live=True)
    product = a_method("two", "Two", kind=MapKind.SHARE, product_of="one")
    other = a_method("three", "Three", kind=MapKind.SHARE, product_of="four")
    explained = Explained(SYMBOL, (live, product, other))
    ones = np.full((6, 8), 3, np.float32)
    heatmap = msgspec.structs.replace(make.heatmap(SYMBOL), saliency=ones, scaled=-ones)
    explained.apply(update(heatmap=heatmap))
    assert explained.checked_method(attribution(explained)) == product
    explained.choose(Choice(method="two"))
    assert explained.wishes() == ()
    assert (attribution(explained).map == -9).all()
    explained.choose(Choice(method="three"))
    assert explained.wishes() == (Wish(method="three"),)
