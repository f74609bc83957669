from client.state.watch_shares import WatchShares
from client.state.wish import Wish
from tests.kit.fake_link import FakeLink

CAM, IG = Wish(method="grad_cam"), Wish(method="integrated_gradients")


def test_two_windows_of_a_ticker_are_one_watch_to_the_link() -> None:
    link = FakeLink()
    shares = WatchShares(link)
    first, second = shares.share(), shares.share()
    first.watch("AAPL")
    second.watch("AAPL")
    first.unwatch("AAPL")
    assert (link.watched, link.unwatched) == (["AAPL", "AAPL"], [])
    second.unwatch("AAPL")
    assert link.unwatched == ["AAPL"]


def test_wishes_of_all_windows_are_asked_for_and_a_shared_one_anew() -> None:
    link = FakeLink()
    shares = WatchShares(link)
    first, second = shares.share(), shares.share()
    first.watch("AAPL")
    second.watch("AAPL")
    first.explain("AAPL", (CAM,))
    second.explain("AAPL", (IG,))
    assert link.wished == [(CAM,), (CAM, IG)]
    link.wished.clear()
    second.explain("AAPL", (CAM,))
    # Taken back and wished again: the link asks for what it did not know to be wished.
    assert link.wished == [(IG,), (CAM,)]
    first.unwatch("AAPL")
    assert link.wished[-1] == (CAM,)


def test_a_window_that_wants_now_again_leaves_the_question_of_another() -> None:
    link = FakeLink()
    shares = WatchShares(link)
    first, second = shares.share(), shares.share()
    first.watch("AAPL")
    second.watch("AAPL")
    first.recall("AAPL", 7)
    second.recall("AAPL", 9)
    second.recall("AAPL", None)
    first.recall("AAPL", None)
    assert link.recalled == [7, 9, 7, None]
