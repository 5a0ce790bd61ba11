"""A look at a pair in the decision ledger: what both legs hold, are to hold, and why not."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hedgerow.engine.terms import Terms
from hedgerow.live.market_view import Seen
from hedgerow.live.setup import PairTask, Setup


class LegSide(NamedTuple):
    """One leg at a look: what it holds and is to hold, base coin, and its market."""

    held: float
    target: float
    seen: Seen


class PairLook(NamedTuple):
    """A pair at a look; `acts` says whether an order follows, `held_back` what stops one."""

    first: LegSide
    second: LegSide
    acts: bool
    held_back: str
    under_way: str  # the phase of its trade, "" where none is


def pair_decision(setup: Setup, task: PairTask, look: PairLook) -> dict[str, Any]:
    """Return what was decided for a pair, as the body of a record."""
    first, second = look.first, look.second
    seen = first.seen
    return {
        "leg": task.first,
        "symbol": setup.listings[task.first].symbol,
        "pair": task.name,
        "other": task.second,
        "against": setup.listings[task.second].symbol,
        "exposure": 0.0,
        "held": first.held,
        "held_other": second.held,
        "goal": float(task.size),
        "target": first.target,
        "target_other": second.target,
        "traded": first.target - first.held if look.acts else 0.0,
        "traded_other": second.target - second.held if look.acts else 0.0,
        "residual": float(task.size) - first.held,
        "bound": look.under_way or "rest",
        "held_back": look.held_back,
        "fee": _fees(setup, task, look) if look.acts else 0.0,
        "spread": _spreads(look) if look.acts else 0.0,
        "mark": seen.mark,
        "index": seen.index_price,
        "volatility": 0.0,
        "funding": second.seen.funding,
        "interval": second.seen.interval,
        "arrival": _middle(seen),
        "arrival_other": _middle(second.seen),
    }


def pair_words(body: Mapping[str, Any]) -> str:
    """Return a decision about a pair as one sentence."""
    asset = str(body["symbol"]).split("/", maxsplit=1)[0]
    where = (
        f"{body['symbol']} {body['held']:+.6g} {asset} against {body['against']} "
        f"{body['held_other']:+.6g}"
    )
    if body["traded"] or body["traded_other"]:
        cost = body["fee"] + body["spread"]
        return (
            f"Pair {body['pair']}: bring both legs to {body['target']:+.6g} and "
            f"{body['target_other']:+.6g} {asset} ({where}; about {cost:,.2f} in fee and spread)."
        )
    text = f"Pair {body['pair']}: {pair_bound(body)} ({where}; wanted {body['goal']:+.6g})."
    if body["held_back"]:
        text += f" Held back: {body['held_back']}."
    return text


def pair_bound(body: Mapping[str, Any]) -> str:
    """Return what decided, in words."""
    phase = str(body["bound"])
    return "no trade" if phase == "rest" else f"a trade is under way, {phase}"


def _fees(setup: Setup, task: PairTask, look: PairLook) -> float:
    return sum(
        abs(side.target - side.held) * side.seen.mark * _fee(setup.terms, leg)
        for leg, side in zip(task.legs, (look.first, look.second), strict=True)
    )


def _fee(terms: Terms, leg: int) -> float:
    return terms.legs[leg].fee if leg < len(terms.legs) else terms.spot_fee


def _spreads(look: PairLook) -> float:
    return sum(
        abs(side.target - side.held) * max(side.seen.ask - side.seen.bid, 0.0) / 2.0
        for side in (look.first, look.second)
    )


def _middle(seen: Seen) -> float:
    return (seen.bid + seen.ask) / 2.0 if seen.bid > 0.0 else seen.mark
