"""One account of a paper venue: balances, positions, orders, and all that ever moved its cash."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from hedgerow.execution.order import FundingReport, TradeReport
from hedgerow.live.paper.order import PaperOrder


class Flow(NamedTuple):
    """One change of a balance; `kind` is what a statement would call it.

    `name` is the venue's own of one that is no trade, fee or funding.
    """

    time: int
    currency: str
    amount: Decimal
    kind: str
    symbol: str = ""
    name: str = ""


@dataclass(slots=True)
class Held:
    """A position as the venue books it; the amount is signed, in the unit of its lot."""

    amount: Decimal = Decimal(0)
    entry: float = 1.0


@dataclass(slots=True)
class PaperAccount:
    """What one account has and did."""

    name: str
    balances: dict[str, Decimal] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    orders: dict[str, PaperOrder] = field(default_factory=dict)  # all, by client id
    working: dict[str, PaperOrder] = field(default_factory=dict)  # those that are open
    trades: dict[str, list[TradeReport]] = field(default_factory=dict)
    funding: dict[str, list[FundingReport]] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    switch: int | None = None  # when everything that waits is cancelled

    def balance(self, currency: str) -> Decimal:
        """Return what it has of a currency."""
        return self.balances.get(currency, Decimal(0))

    def pay(self, flow: Flow) -> None:
        """Change a balance, and remember why."""
        self.balances[flow.currency] = self.balance(flow.currency) + flow.amount
        self.flows.append(flow)

    def position(self, symbol: str) -> Held:
        """Return the position of a symbol, flat if there is none."""
        held = self.held.get(symbol)
        if held is None:
            held = self.held[symbol] = Held()
        return held

    def close(self, order: PaperOrder) -> None:
        """Keep an order that became final, out of the way."""
        self.working.pop(order.request.client_id, None)
