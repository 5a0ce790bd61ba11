"""What the fake venues list, and the errors with which their exchange says no."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One perpetual; amounts are base coin if linear, quote face if inverse.

    `name` is the venue's own name of it, `settle` the asset of profit and fees, `maintenance`
    a fraction of the notional, `liquidation_fee` what the insurance fund takes of it.
    """

    name: str
    base: str
    quote: str
    settle: str
    tick: Decimal
    lot: Decimal
    minimum_notional: Decimal = Decimal(0)
    inverse: bool = False
    maintenance: Decimal = Decimal("0.004")
    maximum_leverage: int = 125
    interval_hours: int = 8
    maker: Decimal = Decimal("0.0002")
    taker: Decimal = Decimal("0.0005")
    liquidation_fee: Decimal = Decimal("0.0125")

    def worth(self, amount: Decimal, price: Decimal) -> Decimal:
        """Return what `amount` is worth at `price`, in the settle asset."""
        return amount / price if self.inverse else amount * price

    def profit(self, amount: Decimal, entry: Decimal, price: Decimal) -> Decimal:
        """Return the profit of signed `amount` from `entry` to `price`, in the settle asset."""
        if self.inverse:
            return amount / entry - amount / price
        return amount * (price - entry)


class Reason(StrEnum):
    """Why the exchange refuses."""

    SYMBOL = "symbol"
    LOT = "lot"
    TICK = "tick"
    NOTIONAL = "notional"
    MARGIN = "margin"
    DUPLICATE = "duplicate"
    REDUCE_ONLY = "reduce_only"
    POST_ONLY = "post_only"
    POSITION_SIDE = "position_side"
    UNKNOWN_ORDER = "unknown_order"


class Refusal(Exception):
    """The exchange refuses, and did nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


BINANCE = (
    Contract(
        name="BTCUSDT",
        base="BTC",
        quote="USDT",
        settle="USDT",
        tick=Decimal("0.10"),
        lot=Decimal("0.001"),
        minimum_notional=Decimal(50),
    ),
    Contract(
        name="ETHUSDT",
        base="ETH",
        quote="USDT",
        settle="USDT",
        tick=Decimal("0.01"),
        lot=Decimal("0.001"),
        minimum_notional=Decimal(20),
        maintenance=Decimal("0.005"),
        maximum_leverage=100,
    ),
    Contract(
        name="1000PEPEUSDT",
        base="1000PEPE",
        quote="USDT",
        settle="USDT",
        tick=Decimal("0.0000001"),
        lot=Decimal(1),
        minimum_notional=Decimal(5),
        maintenance=Decimal("0.01"),
        maximum_leverage=50,
        interval_hours=4,
    ),
)

DERIBIT = (
    Contract(
        name="BTC-PERPETUAL",
        base="BTC",
        quote="USD",
        settle="BTC",
        tick=Decimal("0.5"),
        lot=Decimal(10),
        inverse=True,
        maintenance=Decimal("0.01"),
        maximum_leverage=50,
        maker=Decimal(0),
        liquidation_fee=Decimal("0.0075"),
    ),
    Contract(
        name="ETH-PERPETUAL",
        base="ETH",
        quote="USD",
        settle="ETH",
        tick=Decimal("0.05"),
        lot=Decimal(1),
        inverse=True,
        maintenance=Decimal("0.01"),
        maximum_leverage=50,
        maker=Decimal(0),
        liquidation_fee=Decimal("0.009"),
    ),
    Contract(
        name="BTC_USDC-PERPETUAL",
        base="BTC",
        quote="USDC",
        settle="USDC",
        tick=Decimal(1),
        lot=Decimal("0.001"),
        maintenance=Decimal("0.01"),
        maximum_leverage=50,
        maker=Decimal(0),
        liquidation_fee=Decimal("0.0075"),
    ),
)
