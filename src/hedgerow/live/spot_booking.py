"""A trade of a spot pair in the books: coins against collateral inside one account."""

from hedgerow.engine.desk import Desk
from hedgerow.engine.events import AccountFlow, Conversion, Event
from hedgerow.execution.order import Listing, TradeReport
from hedgerow.live.booking import Around
from hedgerow.market.instrument import parse_symbol


def coin_of(listing: Listing) -> str:
    """Return what a spot pair trades.

    >>> from decimal import Decimal
    >>> coin_of(Listing(venue="", account="", symbol="BTC/USDT", tick=Decimal(1), lot=Decimal(1)))
    'BTC'
    """
    return parse_symbol(listing.symbol).base


def account_of(desk: Desk, listing: Listing) -> int:
    """Return the number of the account that a listing is held in."""
    return [account.name for account in desk.terms.accounts].index(listing.account)


def exchanged(
    desk: Desk, listing: Listing, report: TradeReport, around: Around
) -> tuple[Event, ...]:
    """Return the events of a spot trade: an exchange, and a flow where a third coin paid its fee.

    Slippage is the distance to the price when it was decided; whatever else the trade cost beyond
    the coins' worth at that price is the fee.
    """
    account = account_of(desk, listing)
    collateral, coin = desk.terms.accounts[account].collateral, coin_of(listing)
    traded, paid = float(report.side.sign * report.amount), float(report.price)
    price = report.reference if report.reference is not None else (around.arrival or paid)
    unit = _worth(desk, collateral)
    worth = price * unit
    if coin == desk.terms.numeraire_coin:
        worth = _worth(desk, coin)
        unit = worth / price
    fee, flows = _fee(desk, account, report, (price, around.fee_price))
    slipped = -traded * (paid - price)
    sold = -float(report.moved)
    exchange = Conversion(
        time=report.time,
        account=account,
        asset=desk.terms.assets.index(coin),
        sold=sold,
        price=price,
        got=sold * price + slipped + fee,
        slipped=slipped,
        fee=fee,
        worth=worth,
        unit=unit,
    )
    return (exchange, *flows)


def _fee(
    desk: Desk, account: int, report: TradeReport, prices: tuple[float, float | None]
) -> tuple[float, tuple[Event, ...]]:
    """Return the fee in collateral; where a third coin paid it, that came past the desk."""
    price, fee_price = prices
    collateral, fee = desk.terms.accounts[account].collateral, float(report.fee)
    if fee == 0.0 or report.fee_currency == collateral:
        return fee, ()
    if report.fee_currency == parse_symbol(report.symbol).base:
        return fee * price, ()
    if report.fee_currency in desk.terms.assets:
        fee_price = _worth(desk, report.fee_currency) / _worth(desk, collateral)
    if fee_price is None:
        return 0.0, ()
    in_collateral = fee * fee_price
    back = AccountFlow(
        time=report.time,
        account=account,
        asset=desk.terms.assets.index(collateral),
        amount=-in_collateral,
    )
    return in_collateral, (back,)


def _worth(desk: Desk, asset: str) -> float:
    return desk.market.worth[desk.terms.assets.index(asset)]
