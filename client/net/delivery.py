"""Puts what was answered about one ticker, or about the model, where the windows find it."""

from client.net.pending_requests import wish_of
from client.state.inbox import Inbox
from client.state.trends import TREND_BARS
from shared.protocol.answers import Answer, Bars, ModelCard
from shared.protocol.explanations import Explanation, Methods
from shared.protocol.past import PastBuys, PastWindow
from shared.protocol.requests import (
    AnyRequest,
    GetBars,
    GetExplanation,
    GetHeatmap,
    GetPastWindow,
)


def deliver(inbox: Inbox, answer: Answer, request: AnyRequest) -> None:
    """Put an answer that nothing else hangs on into the inbox."""
    match answer:
        case ModelCard():
            inbox.put_card(answer)
        case Methods():
            inbox.put_methods(answer.methods)
        case Bars() if isinstance(request, GetBars):
            trend = request.count == TREND_BARS
            (inbox.put_history if trend else inbox.put_bars)(answer)
        case Explanation() if isinstance(request, GetExplanation):
            inbox.put_explanation(answer.symbol, wish_of(request), answer)
        case PastBuys():
            inbox.put_past_buys(answer)
        case PastWindow():
            inbox.put_past_window(answer.symbol, int(answer.bar_ms[-1]), answer)


def deliver_refusal(inbox: Inbox, request: AnyRequest, sentence: str) -> bool:
    """Put why there is no answer into the inbox; return whether anybody waits for that there."""
    match request:
        case GetBars() | GetHeatmap():
            inbox.put_refusal(request.symbol, sentence)
        case GetExplanation():
            inbox.put_explanation(request.symbol, wish_of(request), sentence)
        case GetPastWindow():
            inbox.put_past_window(request.symbol, request.bar_ms, sentence)
        case _:
            return False
    return True
