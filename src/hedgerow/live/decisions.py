"""The decision ledger: each look at a leg in words and as data, whether it traded or not."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from hedgerow.engine.desk import Desk
from hedgerow.engine.desk_orders import Bound
from hedgerow.kernels.contract import base_size, notional
from hedgerow.ledger.journal import Draft
from hedgerow.live.pair_decisions import pair_bound, pair_words
from hedgerow.live.view import DecisionView

_NUMBERS: Final = re.compile(r"[-+]?\d[\d,.:]*")
ALIKE: Final = 0.05  # fraction by which two sizes that are held back may differ
_WHY: Final[Mapping[Bound, str]] = {
    Bound.FREE: "the policy's target",
    Bound.CONTENT: "the policy wants what is held",
    Bound.NAKED: "the naked limit overruled the policy",
    Bound.COOLDOWN: "the cooldown has not passed",
    Bound.STAYS: "the account was liquidated and stays out",
    Bound.MINIMUM: "the order would be below the smallest",
    Bound.MARGIN: "the account's equity opens no more",
}


def decision(
    desk: Desk, leg: int, lots: float, held_back: str, half_width: float | None = None
) -> dict[str, Any]:
    """Return what was decided for a leg, as the body of a record.

    `lots` are what is ordered now; `held_back` says what stops an order that adds risk, "" for
    nothing; `half_width` is that of the policy's band, a fraction of the exposure, None for none.
    """
    terms, plan, quote = desk.terms.legs[leg], desk.plans[leg], desk.market.quotes[leg]
    size = lots * terms.lot_size
    traded = base_size(size, quote.mark, terms.inverse)
    worth = desk.market.worth[desk.terms.assets.index(terms.settle)]
    spent = notional(size, quote.mark, terms.inverse) * worth
    unit = base_size(1.0, quote.mark, terms.inverse)
    apart = notional((plan.goal - plan.held) / unit, quote.mark, terms.inverse) * worth
    width = None if half_width is None else half_width * abs(plan.exposure)
    return {
        "leg": leg,
        "symbol": terms.instrument,
        "exposure": plan.exposure,
        "held": plan.held,
        "goal": plan.goal,
        "band": None if width is None else [plan.goal - width, plan.goal + width],
        "target": plan.target,
        "traded": traded,
        "residual": plan.residual,
        "bound": str(plan.bound),
        "held_back": held_back,
        "fee": spent * terms.fee,
        "spread": spent * desk.terms.half_spread,
        "cost_to_goal": apart * (terms.fee + desk.terms.half_spread),
        "mark": quote.mark,
        "index": quote.index_price,
        "volatility": quote.volatility,
        "funding": quote.funding,
        "interval": quote.interval,
    }


def decision_draft(body: Mapping[str, Any], time: int) -> Draft:
    """Return a decision as a fact."""
    return Draft(time=time, kind="decision", body=body)


def same_decision(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Whether two looks came to the same end for the same reason, and nothing was ordered.

    What is ordered while the leg is held back is, unless it closes, not sent either: it is the
    same as long as it is about the same size.
    """
    if one["bound"] != two["bound"] or _sense(one["held_back"]) != _sense(two["held_back"]):
        return False
    if not two["traded"]:
        return True
    closes = two["traded"] * two["held"] < 0.0
    alike = math.isclose(one["traded"], two["traded"], rel_tol=ALIKE)
    return bool(two["held_back"]) and not closes and alike


def _sense(words: str) -> str:
    """Return words without their numbers: a guard says the same with others at every look."""
    return _NUMBERS.sub("", words)


def in_words(body: Mapping[str, Any]) -> str:
    """Return a decision as one sentence."""
    if "pair" in body:
        return pair_words(body)
    asset = str(body["symbol"]).split("/", maxsplit=1)[0]
    bound = Bound(body["bound"])
    where = (
        f"exposure {body['exposure']:+.6g} {asset}, hedge with orders {body['held']:+.6g}, "
        f"goal {body['goal']:+.6g}"
    )
    if body.get("band") is not None:
        low, high = body["band"]
        where += f", band {low:+.6g} to {high:+.6g}"
    if not body["traded"]:
        cost = body.get("cost_to_goal", 0.0)
        return f"No trade: {_WHY[bound]} ({where}; going to the goal would cost {cost:,.2f})."
    verb = "Buy" if body["traded"] > 0.0 else "Sell"
    cost = body["fee"] + body["spread"]
    text = (
        f"{verb} {abs(body['traded']):.6g} {asset} to reach {body['target']:+.6g}: {_WHY[bound]} "
        f"({where}; about {cost:,.2f} in fee and spread)."
    )
    if body["held_back"]:
        text += f" Held back: {body['held_back']}."
    return text


def shown(time: int, body: Mapping[str, Any]) -> DecisionView:
    """Return a decision as it is shown."""
    why = pair_bound(body) if "pair" in body else _WHY[Bound(body["bound"])]
    return DecisionView(
        time=time,
        leg=int(body["leg"]),
        symbol=str(body["symbol"]),
        words=in_words(body),
        exposure=body["exposure"],
        hedge=body["held"],
        goal=body["goal"],
        target=body["target"],
        traded=body["traded"],
        band=None if body.get("band") is None else (body["band"][0], body["band"][1]),
        bound=body["held_back"] or why,
        costs={
            name: body[key]
            for name, key in (("fee", "fee"), ("spread", "spread"), ("to goal", "cost_to_goal"))
            if key in body
        },
        numbers={
            name: body[name]
            for name in ("mark", "index", "volatility", "funding", "interval", "residual")
        },
    )
