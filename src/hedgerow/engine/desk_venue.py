"""The venue's side of a replay: accounts and orders of its own, and bars turned into events.

Live, an exchange sends these events; here they are computed, by the same scalar kernels and from
nothing the desk believes.
"""

import math
from dataclasses import dataclass, field
from typing import TypeAlias

from hedgerow.engine import layout as at
from hedgerow.engine.desk_account import Holdings, pledges_of, positions_of, schedule_of
from hedgerow.engine.desk_bar import Bar, LegBar, Settlement
from hedgerow.engine.desk_terms import in_floats
from hedgerow.engine.events import (
    Conversion,
    Deleveraging,
    Fill,
    FundingSettled,
    Liquidation,
    LossCovered,
    OrderAck,
    OrderReject,
    Overdraft,
    Refusal,
)
from hedgerow.engine.pack import is_shared
from hedgerow.engine.terms import Fill as FillTime
from hedgerow.engine.terms import LegTerms, Terms
from hedgerow.kernels.contract import after_fill, notional
from hedgerow.kernels.costs import fill_price, slippage_fraction
from hedgerow.kernels.funding import funding_cash
from hedgerow.kernels.margin import (
    MOST_STEPS,
    SPENT,
    Pledges,
    Positions,
    Schedule,
    breach_fraction,
    equity,
    first_to_close,
    liquidation_charge,
    lots_left,
    moved_with,
    needed,
    of_position,
    pledge_price,
    price_along,
    surplus,
    unit_of,
)
from hedgerow.units import SECOND

Forced: TypeAlias = Liquidation | Conversion | LossCovered
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
    pledges: list[list[float]] = field(init=False)  # by account and asset
    orders: list[float] = field(init=False)
    _accounts: list[int] = field(init=False)
    _schedule: Schedule = field(init=False)
    _latency: float = field(init=False)

    def __post_init__(self) -> None:
        terms = self.terms = in_floats(self.terms)
        names = [account.name for account in terms.accounts]
        self.held = [Held() for _ in terms.legs]
        self.wallets = [0.0 for _ in terms.accounts]
        self.pledges = [[0.0 for _ in terms.assets] for _ in terms.accounts]
        self.orders = [0.0 for _ in terms.legs]
        self._accounts = [names.index(leg.account) for leg in terms.legs]
        self._schedule = schedule_of(terms.legs)
        self._latency = math.sqrt(terms.latency_seconds)

    def adopt(self, terms: Terms) -> None:
        """Apply other rules from now on."""
        self.terms = in_floats(terms)
        self._schedule = schedule_of(self.terms.legs)

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

    def pledge(self, account: int, amounts: tuple[float, ...]) -> None:
        """Take what else backs an account, one amount an asset."""
        for asset, amount in enumerate(amounts):
            self.pledges[account][asset] += amount

    def _pay(self, leg: int, amount: float) -> None:
        """Change what a leg's account has of the asset that the leg pays in."""
        terms, account = self.terms.legs[leg], self._accounts[leg]
        if terms.settle == self.terms.accounts[account].collateral:
            self.wallets[account] += amount
        else:
            self.pledges[account][self.terms.assets.index(terms.settle)] += amount

    def settle(self, settlement: Settlement, time: int) -> FundingSettled:
        """Pay one settlement on what is held."""
        leg = self.terms.legs[settlement.leg]
        size = self.held[settlement.leg].lots * leg.lot_size
        if size != 0.0:
            cash = funding_cash(size, settlement.price, settlement.rate, leg.inverse)
            self._pay(settlement.leg, cash)
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
            opened, pledges = self._state(bar, account, _worst(self, bar))
            if surplus(self.wallets[account], 0.0, opened, self._schedule, pledges) < 0.0:
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
        self._pay(leg, filled.realised)
        self._pay(leg, fee)

    def watch(self, bar: Bar, account: int) -> list[Forced]:
        """Close what must be closed in an account that falls below maintenance inside the bar.

        One position after another, largest maintenance first, until what is left survives the
        rest of the bar. A loss beyond the wallet is the venue's once nothing is left. An account
        that holds more than its collateral may die on either side.
        """
        if not is_shared(self.terms, self.terms.accounts[account]):
            return self._close_along(bar, account, _worst(self, bar))
        top = [leg.mark_high for leg in bar.legs]
        bottom = [leg.mark_low for leg in bar.legs]
        return [
            *self._close_along(bar, account, top),
            *self._close_along(bar, account, bottom),
        ]

    def _close_along(self, bar: Bar, account: int, worst: list[float]) -> list[Forced]:
        happened: list[Forced] = []
        begin = 0.0
        for _ in range(MOST_STEPS * len(self.terms.legs)):
            positions, pledges = self._state(bar, account, worst)
            wallet = self.wallets[account]
            if not positions.size.any():
                break
            if surplus(wallet, 1.0, positions, self._schedule, pledges) >= 0.0:
                break
            begin = breach_fraction(wallet, begin, positions, self._schedule, pledges)
            leg = first_to_close(begin, positions, self._schedule, pledges)
            happened.append(self._force(bar, leg, begin, positions, pledges))
        if not happened:
            return happened
        if is_shared(self.terms, self.terms.accounts[account]):
            happened += self._convert(bar, account, begin, worst)
        positions, _ = self._state(bar, account, worst)
        if self.wallets[account] < 0.0 and not positions.size.any():
            amount = -self.wallets[account]
            self.wallets[account] = 0.0
            asset = self.terms.assets.index(self.terms.accounts[account].collateral)
            happened.append(
                LossCovered(
                    time=bar.time, account=account, amount=amount, worth=bar.worth_open[asset]
                )
            )
        return happened

    def _state(self, bar: Bar, account: int, worst: list[float]) -> tuple[Positions, Pledges]:
        """Return the account's positions and pledges on their way to these marks."""
        held = Holdings(
            lots=[position.lots for position in self.held],
            entry=[position.entry for position in self.held],
            start=[leg.mark_open for leg in bar.legs],
            worst=worst,
            pledges=self.pledges[account],
            worth=bar.worth_open,
        )
        return positions_of(self.terms, account, held), pledges_of(self.terms, account, held)

    def _force(
        self, bar: Bar, leg: int, fraction: float, positions: Positions, pledges: Pledges
    ) -> Liquidation:
        """Close a position, or a part of it by the venue's rule, `fraction` of the way."""
        terms, held, prices = self.terms.legs[leg], self.held[leg], bar.legs[leg]
        account, taking = self._accounts[leg], terms.taking
        price = price_along(prices.mark_open, float(positions.worst[leg]), fraction)
        unit = unit_of(leg, fraction, positions, pledges)
        margin = needed(leg, fraction, positions, self._schedule, pledges) / unit
        total = 0.0
        for other in range(len(self.terms.legs)):
            if positions.size[other] != 0.0:
                total += needed(other, fraction, positions, self._schedule, pledges)
        solvency = equity(self.wallets[account], fraction, positions, pledges) / total
        rule = of_position(self._schedule, leg)
        left = lots_left(held.lots, terms.lot_size, held.entry, price, terms.inverse, rule, taking)
        if solvency < max(taking.backstop, SPENT):
            left = 0.0
        before, lots = held.lots, left - held.lots
        moved = price / prices.mark_open
        self._trade(leg, lots, price, 0.0)
        positions.size[leg] = left * terms.lot_size
        if pledges.assets > 0 and pledges.settle[leg] >= 0.0:
            asset = self.terms.assets.index(terms.settle)
            pledges.amount[asset] = self.pledges[account][asset]
        room = equity(self.wallets[account], fraction, positions, pledges) / unit
        worth = notional(lots * terms.lot_size, price, terms.inverse)
        charge = liquidation_charge(worth, margin * (abs(lots) / abs(before)), solvency, taking)
        fee = -min(charge, max(room, 0.0))
        self._pay(leg, fee)
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

    def _convert(self, bar: Bar, account: int, fraction: float, worst: list[float]) -> list[Forced]:
        """Buy back what is owed in other assets, then sell pledges for what the wallet owes."""
        happened: list[Forced] = []
        spread, fee = self.terms.half_spread, self.terms.spot_fee
        base = self.terms.assets.index(self.terms.accounts[account].collateral)
        positions, _ = self._state(bar, account, worst)
        for selling in (False, True):
            for asset in range(len(self.terms.assets)):
                if asset == base:
                    continue
                _, pledges = self._state(bar, account, worst)
                price = pledge_price(asset, fraction, positions, pledges)
                moved = moved_with(pledges.base, fraction, positions)
                held, owed = self.pledges[account][asset], -self.wallets[account]
                if not selling and held < 0.0:
                    cost = held * price * (1.0 + spread) * (1.0 + fee)
                    happened.append(self._exchange(bar, account, asset, (held, price, cost, moved)))
                elif selling and held > 0.0 and owed > 0.0:
                    net = price * (1.0 - spread) * (1.0 - fee)
                    sold = min(held, owed / net)
                    got = owed if sold < held else held * net
                    happened.append(self._exchange(bar, account, asset, (sold, price, got, moved)))
        return happened

    def _exchange(
        self, bar: Bar, account: int, asset: int, deal: tuple[float, float, float, float]
    ) -> Conversion:
        """Exchange a pledge; `deal` is (units sold, price, collateral got, `moved`).

        The last says how many times its worth at the open the collateral is worth.
        """
        sold, price, got, moved = deal
        base = self.terms.accounts[account].collateral
        unit = bar.worth_open[self.terms.assets.index(base)]
        if base != self.terms.numeraire_coin:
            unit *= moved
        worth = price * unit
        if self.terms.assets[asset] == self.terms.numeraire_coin:
            worth = bar.worth_open[asset]
            unit = worth / price
        slipped = -abs(sold) * price * self.terms.half_spread
        self.wallets[account] += got
        self.pledges[account][asset] -= sold
        return Conversion(
            time=bar.time,
            account=account,
            asset=asset,
            sold=sold,
            price=price,
            got=got,
            slipped=slipped,
            fee=got - sold * price - slipped,
            worth=worth,
            unit=unit,
        )

    def charge(self, bar: Bar) -> list[Overdraft]:
        """Charge interest on what shared accounts owe, where a day ends with the bar."""
        charged: list[Overdraft] = []
        for number, account in enumerate(self.terms.accounts):
            if not is_shared(self.terms, account):
                continue
            for asset, name in enumerate(self.terms.assets):
                own = name == account.collateral
                has = self.wallets[number] if own else self.pledges[number][asset]
                cost = (min(0.0, has)) * self.terms.borrow_rate * bar.years
                if cost == 0.0:
                    continue
                if own:
                    self.wallets[number] += cost
                else:
                    self.pledges[number][asset] += cost
                charged.append(
                    Overdraft(time=bar.close_time, account=number, asset=asset, amount=cost)
                )
        return charged

    def deleverage(self, bar: Bar, leg: int) -> Deleveraging | None:
        """Take the share of a winning position that the bar says, at the bankrupt side's price."""
        terms, held, prices = self.terms.legs[leg], self.held[leg], bar.legs[leg]
        taken = math.floor(prices.taken * abs(held.lots))
        if taken == 0:
            return None
        short = held.lots < 0.0
        market = prices.mark_low if short else prices.mark_high
        price = prices.taken_price
        if not (price < held.entry if short else price > held.entry):
            return None
        lots = float(taken if short else -taken)
        moved = market / prices.mark_open
        self._trade(leg, lots, price, 0.0)
        return Deleveraging(
            time=bar.time,
            leg=leg,
            lots=lots,
            price=price,
            market=market,
            index=prices.index_open * moved,
            worth=self._worth(bar, terms, moved),
        )

    def _worth(self, bar: Bar, leg: LegTerms, moved: float) -> float:
        """Return the worth of a settle asset inside the bar: a coin moves with its own price."""
        worth = bar.worth_open[self.terms.assets.index(leg.settle)]
        if leg.inverse:
            return worth if leg.settle == self.terms.numeraire_coin else worth * moved
        return worth / moved if leg.asset == self.terms.numeraire_coin else worth


def _worst(venue: Venue, bar: Bar) -> list[float]:
    """Return the mark of the bar that is worst for each position."""
    return [
        prices.mark_high if held.lots < 0.0 else prices.mark_low
        for held, prices in zip(venue.held, bar.legs, strict=True)
    ]
