"""Whether the book on a stage is hedged, by what the venues hold and what the books expose."""

from decimal import Decimal
from typing import Final

from hedgerow.engine.desk_orders import Bound
from hedgerow.engine.desk_worth import exposure
from hedgerow.kernels.contract import base_size
from hedgerow.live.drill.stage import Stage
from hedgerow.live.view import State

BEYOND: Final = 1.05  # of the band: what a market moves between two looks
LOTS: Final = 2.0
WAITS: Final = frozenset({Bound.CONTENT, Bound.MINIMUM, Bound.COOLDOWN, Bound.NAKED})
HELD_BACK: Final = {
    Bound.MARGIN: "the account's equity opens no more",
    Bound.STAYS: 'after_liquidation = "stay"',
    Bound.COOLDOWN: "the cooldown has not passed",
}


def trouble(stage: Stage) -> str:
    """Return what keeps a book from being hedged and at rest; "" where it is."""
    controller = stage.controller
    if not stage.is_up:
        return "the desk is down"
    core, state = controller.core, controller.standing.state
    if state is State.STOPPED or not core.desk.market.quotes:
        return "the desk has not begun"
    for leg, listing in enumerate(stage.task.setup.listings):
        if core.dealer.position(leg) != held(stage, leg):
            return f"the books of {listing.symbol} at {listing.venue} are behind the venue's"
        if core.dealer.unresolved(leg):
            return f"an order of {listing.symbol} at {listing.venue} is unresolved"
    return next(filter(None, (_asset(stage, asset) for asset in assets(stage))), "")


def assets(stage: Stage) -> tuple[str, ...]:
    """Return the coins that are hedged, each once."""
    setup = stage.task.setup
    legs = (leg for leg in range(setup.legs) if leg not in setup.paired)
    return tuple(dict.fromkeys(setup.terms.legs[leg].asset for leg in legs))


def held(stage: Stage, leg: int) -> Decimal:
    """Return what a leg's venue holds for it, unit of its lot."""
    listing = stage.task.setup.listings[leg]
    account = stage.venues[listing.venue].exchange.accounts[listing.account]
    if listing.spot:
        return stage.controller.core.dealer.position(leg)
    return account.position(listing.symbol).amount


def open_amount(stage: Stage, asset: str) -> float:
    """Return how far the hedge of a coin is from its goal, base coin."""
    return _gap(stage, asset)[0]


def why_held_back(stage: Stage) -> str:
    """Return what the desk itself says that stops it: a limit of the config; "" for nothing."""
    core = stage.controller.core
    plans = core.desk.plans
    return next((HELD_BACK[plan.bound] for plan in plans if plan.bound in HELD_BACK), "")


def _asset(stage: Stage, asset: str) -> str:
    gap, allowed = _gap(stage, asset)
    if abs(gap) > allowed:
        return f"{abs(gap):.6g} {asset} are not hedged, {allowed:.6g} may be"
    return ""


def _gap(stage: Stage, asset: str) -> tuple[float, float]:
    """Return hedge less goal of a coin, and how large that may be."""
    setup, core = stage.task.setup, stage.controller.core
    desk, gap, allowed = core.desk, 0.0, 0.0
    for leg, terms in enumerate(setup.terms.legs):
        if terms.asset != asset or leg in setup.paired:
            continue
        mark = stage.venues[setup.listings[leg].venue].exchange.book(terms.instrument).mark
        quote = desk.market.quotes[leg]
        exposed = exposure(desk.books, desk.market, leg)
        goal = -terms.ratio * exposed
        if terms.by_value:
            goal *= quote.index_price / quote.mark
        size = base_size(float(held(stage, leg)), mark, terms.inverse)
        gap += size - goal
        band = setup.bands[leg] if setup.bands else None
        allowed += LOTS * base_size(terms.lot_size, mark, terms.inverse) + terms.minimum / mark
        if terms.ratio == 0.0:
            continue
        if band is not None:
            allowed += BEYOND * band * abs(exposed)
        elif desk.plans[leg].bound in WAITS:
            allowed += abs(size - goal)  # its policy has no band, and wants nothing else
    return gap, allowed
