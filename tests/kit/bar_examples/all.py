"""Every example of how sources write bars."""

from tests.kit.bar_examples import (
    asia,
    brokers,
    charting,
    china,
    coins,
    crypto,
    europe,
    korea,
    portals,
    research,
    vendors,
    yahoo,
)
from tests.kit.bar_files import Example

EXAMPLES: tuple[Example, ...] = (
    *yahoo.EXAMPLES,
    *korea.EXAMPLES,
    *brokers.EXAMPLES,
    *crypto.EXAMPLES,
    *coins.EXAMPLES,
    *vendors.EXAMPLES,
    *charting.EXAMPLES,
    *portals.EXAMPLES,
    *china.EXAMPLES,
    *asia.EXAMPLES,
    *europe.EXAMPLES,
    *research.EXAMPLES,
)
