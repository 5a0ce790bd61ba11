"""The venue's side of a replay: accounts and orders of its own, and bars turned into events.

Live, an exchange sends these events; here they are computed, by the same scalar kernels and from
nothing the desk believes.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.engine.desk_bar import Bar, LegBar, Settlement
from hedgerow.engine.desk_terms import in_floats
from hedgerow.engine.events import (
    Fill,
    FundingSettled,
    Liquidation,
    LossCovered,
    OrderAck,
    OrderReject,
    Refusal,
)
from hedgerow.engine.terms import Fill as FillTime
from hedgerow.engine.terms import LegTerms, Terms
from hedgerow.kernels.contract import after_fill, notional, position_pnl
from hedgerow.kernels.costs import fill_price, slippage_fraction
from hedgerow.kernels.funding import funding_cash
from hedgerow.kernels.margin import (
    Positions,
    Schedule,
    bracket,
    breach_fraction,
    first_to_close,
    lots_after_step_down,
    price_along,
    surplus,
)
from hedgerow.units import SECOND

_SOURCES = {at.FROM_MARK: "mark", at.BOUNDED: "bounded", at.FROM_LAST: "last"}


@dataclass(slots=True)
class Held:
    """A position as the venue books it."""

    lots: float = 0.0
    entry: float = 1.0


@dataclass(slots=True)
class Venue:
    """Positions, wallets and waiting orders, one venue for all accounts of the terms."""

    terms: Terms
    held: list[Held] = field(init=False)
    wallets: list[float] = field(init=False)
    orders: list[float] = field(init=False)
    _accounts: list[int] = field(init=False)
    _schedule: Schedule = field(init=False)
    _latency: float = field(init=False)

    def __post_init__(self) -> None:
        terms = self.terms = in_floats(self.terms)
        names = [account.name for account in terms.accounts]
        self.held = [Held() for _ in terms.legs]
        self.wallets = [0.0 for _ in terms.accounts]
        self.orders = [0.0 for _ in terms.legs]
        self._accounts = [names.index(leg.account) for leg in terms.legs]
        self._schedule = _schedule(terms.legs)
        self._latency = math.sqrt(terms.latency_seconds)

    def take_order(self, leg: int, lots: float, time: int) -> OrderAck:
        """Take an order; it waits for its time."""
        self.orders[leg] = lots
        return OrderAck(time=time, leg=leg)

    def cancel(self, leg: int) -> None:
        """Forget the waiting order of a leg."""
        self.orders[leg] = 0.0

    def credit(self, account: int, amount: float) -> None:
        """Change a wallet by a transfer."""
        self.wallets[account] += amount

    def settle(self, settlement: Settlement, time: int) -> FundingSettled:
        """Pay one settlement on what is held."""
        leg = self.terms.legs[settlement.leg]
        size = self.held[settlement.leg].lots * leg.lot_size
        if size != 0.0:
            cash = funding_cash(size, settlement.price, settlement.rate, leg.inverse)
            self.wallets[self._accounts[settlement.leg]] += cash
        return FundingSettled(
            time=time, leg=settlement.leg, rate=settlement.rate, price=settlement.price
        )

    def try_order(self, bar: Bar, leg: int) -> Fill | OrderReject | None:
        """Fill the waiting order of a leg if the bar lets it; None while it goes on waiting."""
        lots, prices = self.orders[leg], bar.legs[leg]
        if lots == 0.0 or prices.status in {at.HOLE, at.DELAYING}:
            return None
        closing = self.terms.fill is FillTime.CLOSE
        time = bar.close_time if closing else bar.time
        self.orders[leg] = 0.0
        if prices.status == at.REJECTING:
            return OrderReject(time=time, leg=leg, reason=Refusal.OUTAGE)
        if self.terms.checked and not closing:
            account = self._accounts[leg]
            opened = self._positions(bar, account)
            if surplus(self.wallets[account], 0.0, opened, self._schedule) < 0.0:
                return OrderReject(time=time, leg=leg, reason=Refusal.BREACH)
        reference = self._reference(prices)
        index = prices.index_close if closing else prices.index_open
        if self.terms.fill is FillTime.NEXT_MEAN:
            index *= reference / prices.open
        if self.terms.maker:
            through = prices.low < reference if lots > 0.0 else prices.high > reference
            if not through:
                return OrderReject(time=time, leg=leg, reason=Refusal.EXPIRED)
            price = reference
        else:
            price = self._taken(bar, leg, lots, reference)
        terms = self.terms.legs[leg]
        fee = -terms.fee * notional(lots * terms.lot_size, price, terms.inverse)
        self._trade(leg, lots, price, fee)
        worth = bar.worth if closing else bar.worth_open
        return Fill(
            time=time,
            leg=leg,
            lots=lots,
            price=price,
            reference=reference,
            index=index,
            worth=worth[self.terms.assets.index(terms.settle)],
            fee=fee,
        )

    def _reference(self, prices: LegBar) -> float:
        match self.terms.fill:
            case FillTime.NEXT_OPEN:
                return prices.open
            case FillTime.NEXT_MEAN:
                return prices.mean
            case FillTime.CLOSE:
                return prices.close

    def _taken(self, bar: Bar, leg: int, lots: float, reference: float) -> float:
        """Return the price a taker pays: it moves away by what it may while the order travels."""
        prices = bar.legs[leg]
        seconds = (bar.close_time - bar.time) / SECOND
        size = abs(lots * self.terms.legs[leg].lot_size)
        fraction = slippage_fraction(
            self.terms.half_spread,
            self.terms.impact,
            prices.deviation * self._latency / math.sqrt(seconds),
            prices.deviation,
            size / prices.volume if prices.volume > 0.0 else math.inf,
        )
        return fill_price(reference, lots, fraction)

    def _trade(self, leg: int, lots: float, price: float, fee: float) -> None:
        terms, held = self.terms.legs[leg], self.held[leg]
        size, traded = held.lots * terms.lot_size, lots * terms.lot_size
        filled = after_fill(size, held.entry, traded, price, terms.inverse)
        held.lots += lots
        held.entry = filled.entry
        self.wallets[self._accounts[leg]] += filled.realised
        self.wallets[self._accounts[leg]] += fee

    def watch(self, bar: Bar, account: int) -> list[Liquidation | LossCovered]:
        """Close what must be closed in an account that falls below maintenance inside the bar.

        One position after another, largest maintenance first, until what is left survives the
        rest of the bar. A loss beyond the wallet is the venue's once nothing is left.
        """
        happened: list[Liquidation | LossCovered] = []
        begin = 0.0
        while True:
            positions = self._positions(bar, account)
            wallet = self.wallets[account]
            if not positions.size.any():
                break
            if surplus(wallet, 1.0, positions, self._schedule) >= 0.0:
                break
            begin = breach_fraction(wallet, begin, positions, self._schedule)
            leg = first_to_close(begin, positions, self._schedule)
            happened.append(self._force(bar, leg, begin, positions))
        if happened and self.wallets[account] < 0.0 and not positions.size.any():
            amount = -self.wallets[account]
            self.wallets[account] = 0.0
            asset = self.terms.assets.index(self.terms.accounts[account].collateral)
            happened.append(
                LossCovered(
                    time=bar.time, account=account, amount=amount, worth=bar.worth_open[asset]
                )
            )
        return happened

    def _positions(self, bar: Bar, account: int) -> Positions:
        """Return the account's positions on their way to the worst marks of the bar."""
        count = len(self.terms.legs)
        table = np.ones((5, count))
        for number, (leg, held, prices) in enumerate(
            zip(self.terms.legs, self.held, bar.legs, strict=True)
        ):
            mine = self._accounts[number] == account
            size = held.lots * leg.lot_size if mine else 0.0
            worst = prices.mark_high if size < 0.0 else prices.mark_low
            table[:, number] = (size, held.entry, prices.mark_open, worst, float(leg.inverse))
        return Positions(*table)

    def _force(self, bar: Bar, leg: int, fraction: float, positions: Positions) -> Liquidation:
        """Close a position, or cut it to the next lower bracket, `fraction` of the way."""
        terms, held, prices = self.terms.legs[leg], self.held[leg], bar.legs[leg]
        price = price_along(prices.mark_open, float(positions.worst[leg]), fraction)
        left = 0.0
        if terms.step_down:
            size = held.lots * terms.lot_size
            tier = bracket(
                notional(size, price, terms.inverse), terms.brackets.floor, terms.brackets.cap
            )
            floor = float(terms.brackets.floor[tier])
            left = lots_after_step_down(held.lots, terms.lot_size, price, terms.inverse, floor)
        lots = left - held.lots
        moved = price / prices.mark_open
        self._trade(leg, lots, price, 0.0)
        room = max(self._equity(leg, fraction, positions), 0.0)
        charge = terms.liquidation_fee * notional(lots * terms.lot_size, price, terms.inverse)
        fee = -min(charge, room)
        self.wallets[self._accounts[leg]] += fee
        return Liquidation(
            time=bar.time,
            leg=leg,
            lots=lots,
            price=price,
            index=prices.index_open * moved,
            worth=self._worth(bar, terms, moved),
            fee=fee,
            source=_SOURCES[int(prices.source)],
        )

    def _equity(self, leg: int, fraction: float, positions: Positions) -> float:
        """Return what is left in the leg's account, open profit counted."""
        account = self._accounts[leg]
        left = self.wallets[account]
        for other, (terms, held) in enumerate(zip(self.terms.legs, self.held, strict=True)):
            if self._accounts[other] == account and held.lots != 0.0:
                start, worst = float(positions.start[other]), float(positions.worst[other])
                now = price_along(start, worst, fraction)
                size = held.lots * terms.lot_size
                left += position_pnl(size, held.entry, now, terms.inverse)
        return left

    def _worth(self, bar: Bar, leg: LegTerms, moved: float) -> float:
        """Return the worth of a settle asset inside the bar: a coin moves with its own price."""
        worth = bar.worth_open[self.terms.assets.index(leg.settle)]
        if leg.inverse:
            return worth if leg.settle == self.terms.numeraire_coin else worth * moved
        return worth / moved if leg.asset == self.terms.numeraire_coin else worth


def _schedule(legs: tuple[LegTerms, ...]) -> Schedule:
    """Return the brackets of all legs, padded to one length."""
    tiers = max((len(leg.brackets.rate) for leg in legs), default=1)
    rate = np.zeros((len(legs), tiers))
    amount = np.full((len(legs), tiers), np.inf)
    for number, leg in enumerate(legs):
        count = len(leg.brackets.rate)
        rate[number, :count] = leg.brackets.rate
        amount[number, :count] = leg.brackets.amount
    return Schedule(rate, amount)
