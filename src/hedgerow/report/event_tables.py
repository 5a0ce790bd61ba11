"""Tables of what the venue did on its own: liquidations, deleveragings, pledges it took."""

from hedgerow.report.cells import Cell, Table, many, size, words
from hedgerow.report.forced_words import PRICE_SOURCES
from hedgerow.report.verdict import Figures
from hedgerow.report.wording import Money, clock, number, price


def liquidations(result: Figures, money: Money) -> Table:
    """Return every liquidation: when, where, at what price, what was left and what it cost.

    The account is named only where there are several, to leave room for the rest.
    """
    several = len(result["accounts"]) > 1
    return Table(
        caption=f"Loss and fee in {money.unit}; closed and left in coins.",
        head=(
            "Bar",
            "Instrument",
            *(["Account"] if several else []),
            "Steps",
            "Price",
            "Closed",
            "Left",
            "Loss",
            "Fee",
            "Price from",
        ),
        rows=tuple(
            (
                words(clock(event["time"])),
                words(closed["instrument"]),
                *([words(event["account"])] if several else []),
                many(closed["steps"]),
                _prices(closed),
                _coins(closed["quantity"]),
                _coins(closed["left"]),
                size(closed["loss"], money),
                size(closed["fee"], money),
                words(PRICE_SOURCES.get(closed["price_source"], closed["price_source"])),
            )
            for event in result["margin"]["liquidation_events"]
            for closed in event["closed"]
        ),
        name="liquidations",
        words=(1, 2, 9) if several else (1, 8),
    )


def liquidation_steps(result: Figures, money: Money) -> Table | None:
    """Return each step of the liquidations, or None where none took more than one."""
    margin = result["margin"]
    if all(event["steps"] == 1 for event in margin["liquidation_events"]):
        return None
    return Table(
        caption=f"Loss and fee in {money.unit}; closed and left in coins.",
        head=("Bar", "Instrument", "Price", "Closed", "Left", "Loss", "Fee"),
        rows=tuple(
            (
                words(clock(step["time"])),
                words(step["instrument"]),
                _price(step["price"]),
                _coins(step["quantity"]),
                _coins(step["left"]),
                size(step["loss"], money),
                size(step["fee"], money),
            )
            for step in margin["liquidations"]
        ),
        name="liquidation-steps",
        words=(1,),
    )


def deleveragings(result: Figures, money: Money) -> Table | None:
    """Return each part of a position that was taken away, or None where none was."""
    taken = result["margin"]["deleveragings"]
    if not taken:
        return None
    return Table(
        caption=f"Cost in {money.unit}; taken and left in coins.",
        head=("Bar", "Instrument", "Account", "Taken at", "Market", "Taken", "Left", "Cost"),
        rows=tuple(
            (
                words(clock(event["time"])),
                words(event["instrument"]),
                words(event["account"]),
                _price(event["price"]),
                _price(event["market"]),
                _coins(event["quantity"]),
                _coins(event["left"]),
                size(event["cost"], money),
            )
            for event in taken
        ),
        name="deleveragings",
        words=(1, 2),
    )


def conversions(result: Figures) -> Table | None:
    """Return each pledge that the venue sold or bought back, or None where none was."""
    made = result["margin"]["conversions"]
    if not made:
        return None
    return Table(
        caption="Amounts in the asset, prices, cash and fee in the account's collateral.",
        head=("Bar", "Account", "Asset", "Change", "Price", "Cash", "Fee", "Collateral"),
        rows=tuple(
            (
                words(clock(event["time"])),
                words(event["account"]),
                words(event["asset"]),
                _coins(event["quantity"]),
                _price(event["price"]),
                Cell(text=number(event["cash"], 2, sign="+"), value=event["cash"]),
                Cell(text=number(event["fee"], 2), value=event["fee"]),
                words(event["collateral"]),
            )
            for event in made
        ),
        name="conversions",
        words=(1, 2, 7),
    )


def _coins(quantity: float) -> Cell:
    return Cell(text=number(quantity, 4, sign="+"), value=quantity)


def _price(value: float) -> Cell:
    return Cell(text=price(value), value=value)


def _prices(closed: Figures) -> Cell:
    """Return the price of a single step, or those of the first and the last."""
    first, last = closed["first_price"], closed["last_price"]
    if price(first) == price(last):
        return _price(first)
    return words(f"{price(first)} to {price(last)}")
