"""What the venue did on its own, in words: liquidated, deleveraged, took what was pledged."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hedgerow.report.wording import Money, clock, number, price

Event = Mapping[str, Any]
PRICE_SOURCES: Final = {
    "mark": "mark",
    "bounded": "last price within the mark's range",
    "last": "last price only",
}


def times(count: int) -> str:
    """Return how often, in words.

    >>> times(1), times(2), times(5)
    ('once', 'twice', '5 times')
    """
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def closed_all(events: Sequence[Event]) -> bool:
    """Return whether any liquidation left nothing of a position."""
    return any(closed["left"] == 0.0 for event in events for closed in event["closed"])


def fate(events: Sequence[Event]) -> str:
    """Return what became of a hedge that was liquidated, for a headline."""
    how = "liquidated" if closed_all(events) else "liquidated in part"
    return f"was {how} {times(len(events))}"


def closed_words(closed: Event) -> str:
    """Return what one event closed of one instrument, at which prices, and what it left.

    >>> closed_words({"instrument": "BTC/USDT:USDT", "quantity": 3.0, "left": 0.0,
    ...               "first_price": 100.0, "last_price": 104.0})
    '3.0000 of BTC/USDT:USDT at 100.00 to 104.00, all of it'
    """
    first, last = price(closed["first_price"]), price(closed["last_price"])
    at = first if first == last else f"{first} to {last}"
    left = closed["left"]
    rest = "all of it" if left == 0.0 else f"{number(abs(left), 4)} left"
    return f"{number(abs(closed['quantity']), 4)} of {closed['instrument']} at {at}, {rest}"


def event_words(event: Event) -> str:
    """Return all that one liquidation closed, and in how many steps."""
    said = "; ".join(closed_words(closed) for closed in event["closed"])
    return f"{steps_words(event)}, {said}" if event["steps"] > 1 else said


def steps_words(event: Event) -> str:
    """Return in how many steps an event closed what it closed, and until when.

    >>> steps_words({"steps": 3, "time": "2024-03-07T01:00:00Z", "until": "2024-03-07T04:00:00Z"})
    'in 3 steps until 2024-03-07 04:00 UTC'
    """
    until = "" if event["until"] == event["time"] else f" until {clock(event['until'])}"
    return f"in {event['steps']} steps{until}"


def liquidation_sentences(events: Sequence[Event], money: Money) -> str:
    """Return how often, when, in how many steps, at what price, and what it cost."""
    first = events[0]
    order = ", first" if len(events) > 1 else ""
    steps = f", {steps_words(first)}" if first["steps"] > 1 else ""
    what = "; ".join(closed_words(closed) for closed in first["closed"])
    opening = (
        "The hedge did not survive. The venue liquidated it"
        if closed_all(events)
        else "The hedge was cut back but never closed. The venue liquidated part of it"
    )
    loss = sum(event["loss"] for event in events)
    outcome = "loss" if loss >= 0.0 else "profit"
    return (
        f"{opening} {times(len(events))}{order} on {clock(first['time'])}{steps}: {what}. "
        f"The {outcome} realised, fees included, was {money.plain(abs(loss))}.{_doubt(events)}"
    )


def _doubt(events: Sequence[Event]) -> str:
    """Return how many liquidations no mark confirms."""
    last = sum(event["price_source"] == "last" for event in events)
    if not last:
        return ""
    if last == len(events) == 1:
        return " It was by a last price only, not by a mark."
    return f" {last} of them by a last price only, not by a mark."


def deleveraging_words(taken: Event, money: Money) -> str:
    """Return what one deleveraging took, at which prices, and what it cost."""
    return (
        f"{number(abs(taken['quantity']), 4)} of {taken['instrument']} at {price(taken['price'])} "
        f"while the market was at {price(taken['market'])}, {_cost(taken['cost'], money)}"
    )


def deleveraging_sentence(events: Sequence[Event], money: Money) -> str:
    """Return how often the venue took winning positions away, and what that cost in all."""
    if not events:
        return ""
    first, cost = events[0], sum(event["cost"] for event in events)
    where = clock(first["time"])
    told = f"{'first ' if len(events) > 1 else ''}on {where}: {deleveraging_words(first, money)}."
    total = f" In all it {_cost(cost, money)}." if len(events) > 1 else ""
    return (
        f"The venue deleveraged it {times(len(events))}, {told}{total} "
        "What was taken stayed naked until the policy acted again."
    )


def _cost(cost: float, money: Money) -> str:
    return f"{'cost' if cost >= 0.0 else 'brought'} {money.plain(abs(cost))}"


def conversion_words(conversion: Event) -> str:
    """Return what one conversion sold or bought back, for how much.

    >>> conversion_words({"asset": "BTC", "quantity": -2.0, "price": 50_000.0, "cash": 99_900.0,
    ...                   "collateral": "USDT"})
    'sold 2.0000 BTC at 50,000.00 for 99,900 USDT'
    """
    cash = abs(conversion["cash"])
    money = Money.for_scale(conversion["collateral"], cash)
    verb = "sold" if conversion["quantity"] < 0.0 else "bought back"
    return (
        f"{verb} {number(abs(conversion['quantity']), 4)} {conversion['asset']} "
        f"at {price(conversion['price'])} for {money.plain(cash)}"
    )


def conversion_sentence(conversions: Sequence[Event]) -> str:
    """Return which pledges the venue sold in all, and what it bought back of what was owed."""
    if not conversions:
        return ""
    sums: dict[tuple[str, str, bool], list[Event]] = {}
    for each in conversions:
        kind = (each["asset"], each["collateral"], each["quantity"] < 0.0)
        sums.setdefault(kind, []).append(each)
    said = " and ".join(_sum_words(parts) for parts in sums.values())
    when = clock(conversions[0]["time"])
    first = f"on {when}" if len(conversions) == 1 else f"for the first time on {when}"
    return f"To settle what an account owed, the venue {said}, {first}."


def _sum_words(conversions: Sequence[Event]) -> str:
    """Return what conversions of one asset come to."""
    first, cash = conversions[0], abs(sum(each["cash"] for each in conversions))
    coins = abs(sum(each["quantity"] for each in conversions))
    verb = "sold" if first["quantity"] < 0.0 else "bought back"
    money = Money.for_scale(first["collateral"], cash)
    return f"{verb} {number(coins, 4)} {first['asset']} for {money.plain(cash)}"
