"""What a run comes to, in a few plain sentences made from its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hedgerow.report.forced_words import (
    conversion_sentence,
    deleveraging_sentence,
    fate,
    liquidation_sentences,
    times,
)
from hedgerow.report.wording import Money, clock, counted, number, percent, price, span

Figures: TypeAlias = Mapping[str, Any]  # what `report.result.result` returns: parsed JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to a treasurer's three questions.

    Attributes
    ----------
    headline
        All of it in one line.
    outcome
        What the hedge saved or gave up, and what it did to the swings.
    carry
        What funding brought or took, and what trading cost.
    survival
        Whether the hedge lived, how close it came, and what was taken away from it.
    cash
        What cash it called for, whether there was enough, and which pledges the venue took; ""
        where nothing was called.
    alarming
        Whether it was liquidated or deleveraged, or ran out of cash.
    """

    headline: str
    outcome: str
    carry: str
    survival: str
    cash: str
    alarming: bool

    @property
    def paragraphs(self) -> tuple[tuple[str, str], ...]:
        """Return what there is to say, each with its label, in the order to be read."""
        said = (
            ("Outcome", self.outcome),
            ("Carry and cost", self.carry),
            ("Survival", self.survival),
            ("Cash", self.cash),
        )
        return tuple((label, text) for label, text in said if text)


def verdict(result: Figures) -> Verdict:
    """Return the verdict on a run from its `result`."""
    money, margin = money_of(result), result["margin"]
    return Verdict(
        headline=_headline(result, money),
        outcome=" ".join([_outcome(result, money), *_swings(result, money)]),
        carry=" ".join([_funding(result, money), _costs(result, money)]),
        survival=_joined(
            _survival(result, money), deleveraging_sentence(margin["deleveragings"], money)
        ),
        cash=_joined(
            *_calls(result),
            *map(shortfall_sentence, margin["shortfall"]),
            conversion_sentence(margin["conversions"]),
        ),
        alarming=any(margin[kind] for kind in ("liquidations", "deleveragings", "shortfall")),
    )


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def money_of(result: Figures) -> Money:
    """Return how amounts in the numeraire of `result` are written."""
    return Money.for_scale(result["numeraire"], abs(result["capital"]["book"] or 0.0))


def title(result: Figures) -> str:
    """Return what was hedged, with what and where.

    >>> leg = {"asset": "BTC", "instrument": "BTC/USDT:USDT", "venue": "binance"}
    >>> title({"legs": [leg]})
    'BTC hedged with BTC/USDT:USDT on binance'
    """
    assets, instruments, venues = (
        " and ".join(dict.fromkeys(leg[key] for leg in result["legs"]))
        for key in ("asset", "instrument", "venue")
    )
    return f"{assets} hedged with {instruments} on {venues}" if assets else "Nothing hedged"


def headline_horizon(result: Figures) -> tuple[str, Figures] | None:
    """Return the horizon quoted first, a day where there is one, and its figures."""
    by_horizon = result["effectiveness"]
    for horizon in ("24h", *by_horizon):
        found = by_horizon.get(horizon)
        if found is not None and found["variance_reduction"] is not None:
            return horizon, found
    return None


def shortfall_sentence(dry: Figures) -> str:
    """Return when a reserve ran dry, what would have been enough and what that would cost."""
    money = Money.for_scale(dry["unit"], max(dry["needed"], 1.0))
    rate = percent(dry["borrow_rate"])
    source = (
        f"{rate} a year, an illustration"
        if dry["borrow_rate_is_illustrative"]
        else (f"{rate} a year, from the config")
    )
    coins = f"{number(dry['coins_to_sell'], 4)} {dry['asset']}"
    return (
        f"The reserve of {dry['account']} ran dry on {clock(dry['time'])}: it was "
        f"{money.plain(dry['reserve'])}, and {money.plain(dry['needed'])} would have been enough. "
        f"Borrowing the missing {money.plain(dry['missing'])} for as long as it was missing would "
        f"have cost {money.plain(dry['borrowing_cost'])} ({source}); raising it by a sale would "
        f"have taken {coins} at {price(dry['price'])}."
    )


def _headline(result: Figures, money: Money) -> str:
    margin = result["margin"]
    if margin["liquidation_events"]:
        became = fate(margin["liquidation_events"])
    elif margin["min_headroom"] is None:
        became = "never held a position on margin"
    elif margin["shortfall"]:
        became = "survived, though its reserve ran dry"
    else:
        became = "survived"
    if margin["deleveragings"]:
        became += f"; part of it was deleveraged {times(len(margin['deleveragings']))}"
    return f"The hedge {_effect(result, money)}, and it {became}."


def _outcome(result: Figures, money: Money) -> str:
    return (
        f"From {span(result)} the holding alone "
        f"{_gained(result['unhedged']['pnl'], money)}; hedged, the book "
        f"{_gained(result['hedged']['pnl'], money)}."
    )


def _effect(result: Figures, money: Money) -> str:
    """Return what the hedge did to the P&L."""
    hedged, alone = result["hedged"]["pnl"], result["unhedged"]["pnl"]
    size = money.plain(abs(hedged - alone))
    if hedged >= alone:
        return f"saved {size}" if alone < 0.0 else f"added {size}"
    if hedged < 0.0 < alone:
        return f"cost {size}, which turned a gain into a loss"
    return f"gave up {size} of the rise" if alone > 0.0 else f"cost {size} on top of the loss"


def _gained(amount: float, money: Money) -> str:
    return f"{'lost' if amount < 0.0 else 'gained'} {money.plain(abs(amount))}"


def _swings(result: Figures, money: Money) -> list[str]:
    found = headline_horizon(result)
    if found is None:
        return []
    horizon, figures = found
    reduction = figures["variance_reduction"]
    over = "from day to day" if horizon == "24h" else f"over {horizon.removesuffix('h')} h"
    effect = (
        f"It took {percent(reduction)} of the variance {over} away"
        if reduction >= 0.0
        else f"It added {percent(-reduction)} to the variance {over}"
    )
    interval = (
        ""
        if figures["low"] is None
        else f" (95 % interval {percent(figures['low'])} to {percent(figures['high'])})"
    )
    before, after = (result[name]["var_99"] for name in ("unhedged", "hedged"))
    worst = (
        ""
        if before is None or after is None
        else f"; the loss that one day in a hundred exceeds went from {money.plain(before)} "
        f"to {money.plain(after)}"
    )
    calm = figures["without_liquidation_days"]["variance_reduction"]
    apart = (
        [f"Without the days of liquidation it took {percent(calm)} away."]
        if result["margin"]["liquidations"] and calm is not None
        else []
    )
    return [f"{effect}{interval}{worst}.", *apart]


def _funding(result: Figures, money: Money) -> str:
    funding = result["funding"]
    if not funding["settlements"]:
        return "No funding was settled."
    net = funding["net"]
    direction = "brought" if net >= 0.0 else "cost"
    text = (
        f"Funding {direction} {money.plain(abs(net))} net over "
        f"{counted(funding['settlements'], 'settlement')} "
        f"({money.plain(funding['received'])} received, {money.plain(funding['paid'])} paid)"
    )
    legs = [leg for leg in funding["legs"] if leg["annual_rate"] is not None]
    if len(legs) == 1:
        rate = legs[0]["annual_rate"]
        who = "longs paid shorts" if rate >= 0.0 else "shorts paid longs"
        text += f"; on average {who} {percent(abs(rate), 2)} of notional a year"
    return text + "."


def _costs(result: Figures, money: Money) -> str:
    parts, trades = result["pnl"], result["trades"]
    return (
        f"{counted(trades['count'], 'trade').capitalize()} turned over "
        f"{money.plain(trades['turnover'])} and cost {money.plain(-parts['fees'])} in fees and "
        f"{money.plain(-parts['slippage'])} in slippage."
    )


def _survival(result: Figures, money: Money) -> str:
    margin = result["margin"]
    events = margin["liquidation_events"]
    if events:
        return liquidation_sentences(events, money)
    if margin["min_headroom"] is None:
        return "The hedge never held a position on margin."
    text = (
        "The hedge survived: its margin was tightest on "
        f"{clock(margin['min_headroom_time'])} with {percent(margin['min_headroom'])} of notional "
        "above the maintenance margin"
    )
    if margin["min_distance"] is not None:
        distance = percent(margin["min_distance"])
        text += f"; the smallest move that would have liquidated it was {distance}"
    return text + "."


def _calls(result: Figures) -> list[str]:
    said = []
    for calls in result["margin"]["cash_calls"]:
        worst = {stretch["days"]: stretch for stretch in calls["worst"]}
        if not worst or max(stretch["amount"] for stretch in worst.values()) <= 0.0:
            continue
        money = Money.for_scale(calls["unit"], max(one["amount"] for one in worst.values()))
        said.append(
            f"The hardest day called for {money.plain(worst[1]['amount'])} "
            f"({worst[1]['first']}), the hardest 30 days for {money.plain(worst[30]['amount'])} "
            f"({worst[30]['first']} to {worst[30]['last']})."
        )
    return said
