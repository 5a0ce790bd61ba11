"""The tables of the screen: hedge, legs, funding, margin and orders."""

from rich.text import Text

from hedgerow.cli.desk_words import (
    ACCOUNT,
    PREDICTION,
    QUOTE,
    UNKNOWN,
    age_text,
    aged,
    bare_rate,
    coins,
    price,
    rate,
    since,
    size,
    until,
)
from hedgerow.cli.watch_band import Band, held_style
from hedgerow.cli.watch_section import WIDE, WIDEST, Column, Section
from hedgerow.live.view import AccountView, BookView, DeskView, FundingView, LegView, OrderView
from hedgerow.report.wording import percent
from hedgerow.units import SECOND

TIGHT = 0.15  # distance to liquidation below which it is red
NEAR = 0.3  # and yellow


def book_section(view: DeskView, lag: float) -> Section:
    """Return exposure against hedge, one asset a row."""
    return Section(
        columns=(
            Column(name="Hedge"),
            Column(name="exposure"),
            Column(name="held"),
            Column(name="goal"),
            Column(name="ordered", since=WIDE),
            Column(name="open"),
            Column(name="less  <  band  >  more", left=True, stretch=True),
            Column(name="lower", since=WIDE),
            Column(name="upper", since=WIDE),
            Column(name="price", since=WIDE),
        ),
        rows=tuple(_book_row(book, lag) for book in view.book),
    )


def _book_row(book: BookView, lag: float) -> tuple[Text | Band, ...]:
    shown_price = aged(price(book.price), older(book.age, lag), QUOTE)
    return (
        Text(book.asset, style="bold"),
        aged(size(book.exposure, sign="+"), older(book.age, lag), QUOTE),
        Text(size(book.hedge, sign="+"), style=held_style(book)),
        Text(size(book.goal, sign="+")),
        Text(size(book.pending, sign="+") if book.pending else UNKNOWN, style="cyan"),
        Text(size(book.net, sign="+"), style="" if book.inside is not False else "bold red"),
        Band(book=book),
        Text(size(book.lower, sign="+")),
        Text(size(book.upper, sign="+")),
        shown_price if book.price is not None else Text(UNKNOWN),
    )


def legs_section(view: DeskView, lag: float) -> Section:
    """Return what each leg holds and what it has made."""
    return Section(
        columns=(
            Column(name="Legs"),
            Column(name="held"),
            Column(name="to go"),
            Column(name="mark"),
            Column(name="index", since=WIDE),
            Column(name="basis", since=WIDE),
            Column(name="entry", since=WIDE),
            Column(name="open P&L"),
            Column(name="realised", since=WIDEST),
            Column(name="fees", since=WIDEST),
            Column(name="liquidated at", since=WIDE),
            Column(name="liq. in"),
        ),
        rows=tuple(_leg_row(leg, lag) for leg in view.legs),
    )


def _leg_row(leg: LegView, lag: float) -> tuple[Text, ...]:
    held, prices = leg.position, leg.prices
    name = leg_name(leg)
    if leg.unresolved:
        name.append(" ?", style="bold red")
    unit = f" {leg.symbol.partition('/')[2].partition(':')[0]}" if leg.inverse else ""
    todo = None if held.target is None else held.target - held.amount
    return (
        name,
        aged(size(held.amount, sign="+") + unit, older(held.age, lag), ACCOUNT),
        Text(size(todo, sign="+") if todo else UNKNOWN, style="cyan" if todo else "dim"),
        aged(price(prices.mark), older(prices.mark_age, lag), QUOTE),
        aged(price(prices.index), older(prices.index_age, lag), QUOTE),
        Text(percent(prices.basis, 3, sign="+")),
        Text(price(held.entry)),
        gain(held.unrealised, leg.settle),
        gain(held.realised, leg.settle),
        gain(held.fees, leg.settle),
        Text("spot" if leg.spot else "never" if _safe(leg) else price(leg.liquidation_price)),
        _distance(leg),
    )


def _safe(leg: LegView) -> bool:
    return leg.liquidation_price is None and leg.position.amount != 0.0


def _distance(leg: LegView) -> Text:
    if leg.distance is None:
        return Text(UNKNOWN, style="dim")
    style = "bold red" if leg.distance < TIGHT else "yellow" if leg.distance < NEAR else ""
    return Text(percent(leg.distance), style=style)


def funding_section(view: DeskView, lag: float) -> Section:
    """Return funding: received so far, the last payment, the next one and what is expected."""
    now = view.time + int(lag * SECOND)
    return Section(
        columns=(
            Column(name="Funding"),
            Column(name="received"),
            Column(name="last paid", since=WIDE),
            Column(name="at", since=WIDE),
            Column(name="ago", since=WIDE),
            Column(name="next in"),
            Column(name="predicted"),
            Column(name="low %"),
            Column(name="high %"),
            Column(name="a year"),
            Column(name="expected", since=WIDE),
        ),
        rows=tuple(_funding_row(leg, now, lag) for leg in view.legs if not leg.spot),
    )


def _funding_row(leg: LegView, now: int, lag: float) -> tuple[Text, ...]:
    funding: FundingView = leg.funding
    due = until(now, funding.next_time)
    return (
        leg_name(leg),
        gain(funding.received, leg.settle),
        gain(funding.last_amount, leg.settle),
        Text(rate(funding.last_rate)),
        Text(since(now, funding.last_time)),
        Text(due, style="bold yellow" if due == "due" else ""),
        aged(rate(funding.predicted, funding.interval_hours), older(funding.age, lag), PREDICTION),
        Text(bare_rate(funding.low), style="dim"),
        Text(bare_rate(funding.high), style="dim"),
        Text(percent(funding.annual, 1, sign="+")),
        gain(funding.expected, leg.settle),
    )


def accounts_section(view: DeskView, lag: float) -> Section:
    """Return margin, one account a row."""
    return Section(
        columns=(
            Column(name="Margin"),
            Column(name="equity"),
            Column(name="wallet", since=WIDE),
            Column(name="maintenance", since=WIDE),
            Column(name="headroom"),
            Column(name="floor"),
            Column(name="reserve"),
            Column(name="on its way"),
        ),
        rows=tuple(
            row
            for account in view.accounts
            for row in (_account_row(account, lag), *_other_rows(account))
        ),
    )


def _other_rows(account: AccountView) -> list[tuple[Text, ...]]:
    """Return a row for each position there that no leg is: it draws on the same margin."""
    empty = Text(UNKNOWN, style="dim")
    return [
        (Text(f"  not ours: {symbol}", style="yellow"), Text(size(held, sign="+")), *[empty] * 6)
        for symbol, held in account.not_ours.items()
    ]


def _account_row(account: AccountView, lag: float) -> tuple[Text, ...]:
    unit = account.collateral
    name = Text(f"{account.venue} {account.account} ")
    name.append(unit, style="dim")
    moving = coins(account.in_transit, unit, sign="+") if account.in_transit else UNKNOWN
    return (
        name,
        aged(coins(account.equity, unit), older(account.age, lag), ACCOUNT),
        Text(coins(account.wallet, unit)),
        Text(coins(account.maintenance, unit)),
        Text(
            "flat" if account.headroom is None else percent(account.headroom),
            headroom_style(account),
        ),
        Text(percent(account.floor), style="dim"),
        Text(coins(account.reserve, unit)),
        Text(moving, style="cyan" if account.in_transit else "dim"),
    )


def _headroom(account: AccountView) -> Text:
    said = "flat" if account.headroom is None else percent(account.headroom)
    return Text(said, style=headroom_style(account))


def headroom_style(account: AccountView) -> str:
    """Return the colour of an account's headroom: red below its floor, yellow near it."""
    if account.headroom is None or account.floor is None:
        return ""
    if account.headroom < account.floor:
        return "bold red"
    return "yellow" if account.headroom < 1.5 * account.floor else "green"


def orders_section(view: DeskView, lag: float) -> Section:
    """Return the child orders that work, or whose outcome is not known."""
    return Section(
        columns=(
            Column(name="Orders"),
            Column(name="side", left=True),
            Column(name="amount"),
            Column(name="filled"),
            Column(name="price"),
            Column(name="kind", left=True),
            Column(name="state", left=True),
            Column(name="for"),
            Column(name="purpose", left=True, since=WIDE),
            Column(name="client id", left=True, since=WIDE),
        ),
        rows=tuple(_order_row(order, lag) for order in view.orders),
        least=0,
    )


def _order_row(order: OrderView, lag: float) -> tuple[Text, ...]:
    name = Text(order.symbol)
    name.append(f" {order.venue}", style="dim")
    state = Text(order.status, style="bold red" if order.unresolved else "")
    return (
        name,
        Text(order.side),
        Text(f"{order.amount:,f}"),
        Text(f"{order.filled:,f}"),
        Text(f"{order.price:,f}"),
        Text(order.kind.replace("_", " ") + (", closes" if order.reduce_only else "")),
        state,
        Text(age_text(older(order.age, lag))),
        Text(order.purpose),
        Text(order.client_id, style="dim"),
    )


def leg_name(leg: LegView) -> Text:
    """Return a leg's symbol and venue."""
    name = Text(leg.symbol)
    return name.append(f" {leg.venue}", style="dim")


def gain(amount: float | None, unit: str) -> Text:
    """Return money with a sign, red where it was lost."""
    style = "red" if amount is not None and amount < 0.0 else ""
    return Text(coins(amount, unit, sign="+"), style=style)


def older(age: float | None, lag: float) -> float | None:
    """Return an age as it is now that the view itself is `lag` seconds old."""
    return None if age is None else age + lag
