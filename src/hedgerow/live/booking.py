"""From what venues report to what the engine's desk understands."""

from typing import NamedTuple

from hedgerow.engine.desk import Desk
from hedgerow.engine.events import (
    AccountFlow,
    Deleveraging,
    Event,
    Fill,
    FundingSettled,
    Liquidation,
)
from hedgerow.execution.order import Cause, FundingReport, Listing, TradeReport


class Around(NamedTuple):
    """What was around a trade: 0 where unknown.

    `arrival` is the middle of the book when the order was decided, the reference of slippage;
    `index_price` and `mark` are those of the instant; `left` the lots of the leg's order that wait;
    `fee_price` what the coin that paid its fee costs in the account's own asset, None if unknown.
    """

    arrival: float = 0.0
    index_price: float = 0.0
    mark: float = 0.0
    left: float = 0.0
    fee_price: float | None = None


def lots_of(listing: Listing, report: TradeReport) -> float:
    """Return the signed lots of a trade."""
    return float(report.side.sign * report.amount / listing.lot)


def traded(
    desk: Desk, leg: int, listing: Listing, report: TradeReport, around: Around
) -> tuple[Event, ...]:
    """Return the events of a trade: itself, and a flow where its fee was paid in another coin."""
    terms = desk.terms.legs[leg]
    settle = terms.settle
    price = float(report.price)
    index = report.index if report.index is not None else (around.index_price or price)
    worth = report.worth if report.worth is not None else _worth(desk, settle)
    fee, flows = _fee(desk, leg, report, around.fee_price)
    lots = lots_of(listing, report)
    if report.cause is Cause.LIQUIDATION:
        return (
            Liquidation(
                time=report.time,
                leg=leg,
                lots=lots,
                price=price,
                index=index,
                worth=worth,
                fee=fee,
                source="mark",
            ),
            *flows,
        )
    if report.cause is Cause.DELEVERAGING:
        taken = Deleveraging(
            time=report.time,
            leg=leg,
            lots=lots,
            price=price,
            market=around.mark or price,
            index=index,
            worth=worth,
        )
        return (taken, *flows)
    fill = Fill(
        time=report.time,
        leg=leg,
        lots=lots,
        price=price,
        reference=report.reference if report.reference is not None else (around.arrival or price),
        index=index,
        worth=worth,
        fee=fee,
        left=around.left,
    )
    return (fill, *flows)


def paid(leg: int, report: FundingReport, mark: float) -> FundingSettled:
    """Return the event of a funding payment: what the venue says it paid, to its last digit."""
    price = float(report.price) if report.price is not None else mark
    return FundingSettled(
        time=report.settlement,
        leg=leg,
        rate=float(report.rate) if report.rate is not None else 0.0,
        price=price,
        cash=float(report.amount),
    )


def _fee(
    desk: Desk, leg: int, report: TradeReport, fee_price: float | None
) -> tuple[float, tuple[Event, ...]]:
    """Return the fee in settle asset; where another coin paid it, that coin came past the desk."""
    settle = desk.terms.legs[leg].settle
    fee = float(report.fee)
    if fee == 0.0 or report.fee_currency == settle:
        return fee, ()
    if report.fee_currency in desk.terms.assets:
        fee_price = _worth(desk, report.fee_currency) / _worth(desk, settle)
    if fee_price is None:
        return 0.0, ()
    in_settle = fee * fee_price
    names = [account.name for account in desk.terms.accounts]
    account = names.index(desk.terms.legs[leg].account)
    back = AccountFlow(
        time=report.time,
        account=account,
        asset=desk.terms.assets.index(settle),
        amount=-in_settle,
    )
    return in_settle, (back,)


def _worth(desk: Desk, asset: str) -> float:
    return desk.market.worth[desk.terms.assets.index(asset)]
