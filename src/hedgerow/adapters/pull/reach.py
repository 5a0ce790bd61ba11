"""How far back one request of a venue reaches."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one reply holds at most; never more than the venue's own limit.

    Attributes
    ----------
    bars
        Bars.
    settlements
        Payments of funding; as none comes more often than by the hour, also hours.
    rate
        Field of a row that has the rate of its own interval; "" where ccxt's is that.
    end
        Parameter that ends a span of funding, where ccxt's ``until`` is not heard.
    """

    bars: int
    settlements: int
    rate: str = ""
    end: str = "until"


# Deribit: ccxt's rate is that of eight hours, though rows come by the hour.
# OKX: ``after`` means older than, and is exclusive.
REACHES: Final = {
    "binance": Reach(bars=1_000, settlements=1_000),
    "bybit": Reach(bars=1_000, settlements=200),
    "okx": Reach(bars=100, settlements=100, end="after"),
    "deribit": Reach(bars=1_000, settlements=700, rate="interest_1h"),
    "hyperliquid": Reach(bars=500, settlements=500),
}
CAUTIOUS: Final = Reach(bars=100, settlements=100)


def reach_of(venue: str) -> Reach:
    """Return how far a request reaches, little where nobody measured it."""
    return REACHES.get(venue, CAUTIOUS)
