"""What a server counts, made for tests."""

from server.figures import Access, Figures
from shared.protocol.envelope import Stamp
from shared.protocol.messages import Phase, Status


def some_figures(phase: Phase = "live") -> Figures:
    """Figures of a server at work."""
    status = Status(
        stamp=Stamp(run_id="run", model_id="made", newest_bar_ms=1_600_000_000_500, made_ms=1),
        state=phase,
        feed="made",
        simulated=True,
        tickers=3,
        decided=2,
        confidence_sequence=1,
        buy_sequence=1,
        cycle_ms=1.0,
        accepted=40,
        dropped={"halt": 4, "jump": 1},
    )
    return Figures(
        status=status,
        cycles=7,
        cycle_s=0.25,
        answers={"snapshot": 3},
        refusals={"busy": 2},
        explanations={"asked": 5, "expired": 1},
        access=Access(desks=("ada",), admitted=3, refused=1),
    )
