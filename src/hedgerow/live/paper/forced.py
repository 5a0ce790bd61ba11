"""What a paper venue closes: accounts below maintenance, and winners that it deleverages."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from hedgerow.kernels.contract import notional
from hedgerow.kernels.margin import (
    MOST_STEPS,
    SPENT,
    breach_fraction,
    equity,
    first_to_close,
    liquidation_charge,
    lots_left,
    needed,
    of_position,
    pledge_price,
    price_along,
    unit_of,
)
from hedgerow.live.paper.account import PaperAccount
from hedgerow.live.paper.margin import Arrays, MarginRules, Way


class Closing(NamedTuple):
    """One position that the venue closes, or a part of it; `lots` is the signed change."""

    leg: int
    lots: float
    price: float


class Charge(NamedTuple):
    """What it charges for that, in the settle asset of the leg: <= 0."""

    leg: int
    fee: float


class Conversion(NamedTuple):
    """So many units of an asset sold (< 0: bought back) for so much collateral (< 0: that went)."""

    asset: str
    sold: float
    got: float


@dataclass(slots=True)
class Liquidator:
    """Closes one position after another until an account survives the way its marks go.

    Whoever drives it books each `Closing` before asking for its charge: the charge depends on
    what the closing left.
    """

    rules: MarginRules
    account: PaperAccount
    way: Way
    begin: float = 0.0
    _solvency: float = field(init=False, default=0.0)
    _margin: float = field(init=False, default=0.0)

    def closings(self) -> Iterator[Closing]:
        """Yield what must be closed, largest maintenance first, until what is left survives."""
        for _ in range(MOST_STEPS * len(self.rules.terms.legs)):
            if self.rules.room(self.account, self.way) >= 0.0:
                return
            wallet, positions, pledges = state = self._arrays()
            if not positions.size.any():
                return
            schedule = self.rules.schedule
            self.begin = breach_fraction(wallet, self.begin, positions, schedule, pledges)
            leg = first_to_close(self.begin, positions, schedule, pledges)
            yield self._closing(leg, state)

    def charge(self, closing: Closing) -> Charge:
        """Return what the venue charges for a closing that is booked, never more than is left."""
        leg = self.rules.terms.legs[closing.leg]
        wallet, positions, pledges = self._arrays()
        room = equity(wallet, self.begin, positions, pledges)
        room /= unit_of(closing.leg, self.begin, positions, pledges)
        worth = notional(closing.lots * leg.lot_size, closing.price, leg.inverse)
        asked = liquidation_charge(worth, self._margin, self._solvency, leg.taking)
        return Charge(closing.leg, -min(asked, max(room, 0.0)))

    def conversions(self) -> Iterator[Conversion]:
        """Yield what is bought back of assets owed, then what is sold for what the wallet owes.

        Only an account that may hold more than its collateral has any; each one must be booked
        before the next is asked for.
        """
        if not self.rules.is_shared(self.account):
            return
        terms, base = self.rules.terms, self.rules.collateral(self.account)
        for selling in (False, True):
            for asset, name in enumerate(terms.assets):
                if name == base:
                    continue
                wallet, positions, pledges = self._arrays()
                price = pledge_price(asset, self.begin, positions, pledges)
                held = float(self.account.balance(name))
                if not selling and held < 0.0:
                    cost = held * price * (1.0 + terms.half_spread) * (1.0 + terms.spot_fee)
                    yield Conversion(name, held, cost)
                elif selling and held > 0.0 and wallet < 0.0:
                    net = price * (1.0 - terms.half_spread) * (1.0 - terms.spot_fee)
                    sold = min(held, -wallet / net)
                    yield Conversion(name, sold, -wallet if sold < held else held * net)

    def _arrays(self) -> Arrays:
        return self.rules.arrays(self.account, self.way)

    def _closing(self, leg: int, state: Arrays) -> Closing:
        wallet, positions, pledges = state
        terms, schedule = self.rules.terms.legs[leg], self.rules.schedule
        price = price_along(self.way.start[leg], self.way.worst[leg], self.begin)
        unit = unit_of(leg, self.begin, positions, pledges)
        own = needed(leg, self.begin, positions, schedule, pledges) / unit
        total = sum(
            needed(other, self.begin, positions, schedule, pledges)
            for other in self.rules.legs(self.account.name)
            if positions.size[other] != 0.0
        )
        left = equity(wallet, self.begin, positions, pledges)
        self._solvency = left / total if total > 0.0 else 0.0
        held = self.account.position(terms.instrument)
        lots = self.rules.lots(leg, held.amount)
        rule = of_position(schedule, leg)
        kept = lots_left(lots, terms.lot_size, held.entry, price, terms.inverse, rule, terms.taking)
        if self._solvency < max(terms.taking.backstop, SPENT):
            kept = 0.0
        self._margin = own * (abs(kept - lots) / abs(lots))
        return Closing(leg, kept - lots, price)


def taken_lots(lots: float, share: float) -> float:
    """Return the signed change of a position of which a share is deleveraged, whole lots.

    >>> taken_lots(-10.0, 0.25)
    2.0
    """
    taken = math.floor(share * abs(lots) + 1e-9)
    return -math.copysign(float(taken), lots) if taken else 0.0


def wins(amount: Decimal, entry: float, price: float) -> bool:
    """Return whether a position closed at `price` has made a profit: only such are taken."""
    return price < entry if amount < 0 else price > entry
