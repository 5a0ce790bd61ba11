"""Desks of one and of two venues, as the tests of the live desk put them on the stage."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import numpy as np

from hedgerow.engine.events import HoldingFlow
from hedgerow.engine.terms import AccountTerms, Brackets, LegTerms, Terms
from hedgerow.execution.order import Listing
from hedgerow.execution.style import Limits, Style
from hedgerow.live.controller import Care, Controller
from hedgerow.live.drill.stage import START, Stage, Task
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.paper.walk import Weather
from hedgerow.live.setup import Setup
from hedgerow.live.signals import Order, Told, Venue
from hedgerow.live.view import State
from hedgerow.policies.band import Band

SYMBOL: Final = "BTC/USDT:USDT"
PRICE: Final = 60_000.0
COINS: Final = 10.0
BAND: Final = 0.01
LOT: Final = Decimal("0.001")
CALM: Final = Weather(volatility=0.05, basis=1e-6)
TIERS: Final = Brackets(
    floor=np.zeros(1),
    cap=np.full(1, 1e12),
    rate=np.array([0.004]),
    amount=np.zeros(1),
    leverage=np.array([20.0]),
)
CARE: Final = Care(guards=GuardLimits(), start=State.TRADING)


def leg(account: str, ratio: float = 1.0) -> LegTerms:
    """Return the terms of a linear perpetual in an account."""
    return LegTerms(
        instrument=SYMBOL,
        asset="BTC",
        account=account,
        settle="USDT",
        inverse=False,
        lot_size=0.001,
        minimum=100.0,
        brackets=TIERS,
        method="full",
        fee=0.0005,
        liquidation_fee=0.0125,
        ratio=ratio,
        max_leverage=20.0,
        numbers=Band(half_width=BAND, to="centre").numbers(),
    )


def setup(ratios: dict[str, float] | None = None, **changes: object) -> Setup:
    """Return the task of hedging ten coins; `ratios` by account, each at a venue of its own.

    The venue of account "main" is "north", of any other account "south".
    """
    ratios = ratios or {"main": 1.0}
    venues = {name: "north" if name == "main" else "south" for name in ratios}
    terms = Terms(
        assets=("BTC", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(COINS, 0.0),
        legs=tuple(leg(name, ratio) for name, ratio in ratios.items()),
        accounts=tuple(
            AccountTerms(
                name=name,
                collateral="USDT",
                deposit=1_000_000.0,
                top_up_below=-1e9,
                top_up_to=-1e9,
            )
            for name in ratios
        ),
        rule=Band.rule,
        half_spread=1e-4,
        spot_fee=1e-3,
    )
    found = Setup(
        name="bench",
        mode="paper",
        terms=terms,
        venues=venues,
        listings=tuple(
            Listing(
                venue=venue,
                account=name,
                symbol=SYMBOL,
                tick=Decimal("0.1"),
                lot=LOT,
                minimum_notional=Decimal(100),
            )
            for name, venue in venues.items()
        ),
        styles=tuple(Style() for _ in ratios),
        limits=Limits(),
        bands=tuple(BAND for _ in ratios),
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def stage(task: Setup | None = None, care: Care = CARE, start: int = START) -> Stage:
    """Return a stage in calm weather; the desk has not started."""
    return Stage(
        Task(
            setup=task or setup(),
            care=care,
            prices={"BTC": PRICE},
            weather=CALM,
            start=start,
        )
    )


def hedged(task: Setup | None = None, care: Care = CARE) -> Stage:
    """Return a stage on which the desk is hedged and at rest."""
    found = stage(task, care)
    found.start()
    assert found.wait_for(lambda: is_hedged(found), 600.0) is not None
    found.pass_by(35.0)
    return found


def is_hedged(found: Stage, coins: float = COINS) -> bool:
    """Whether the venues hold what hedges so many coins, within the band."""
    return abs(float(held(found)) + coins) <= 1.05 * BAND * coins + 0.002


def held(found: Stage, venue: str | None = None) -> Decimal:
    """Return what is held at a venue, or at all of them."""
    return sum(
        (
            account.position(SYMBOL).amount
            for name, port in found.venues.items()
            if venue in (None, name)
            for account in port.exchange.accounts.values()
        ),
        Decimal(0),
    )


def flow(found: Stage, coins: float) -> None:
    """Let coins come or go."""
    event = HoldingFlow(time=found.now, asset=0, amount=coins)
    found.hear(Venue(time=found.now, event=event))


def tell(found: Stage, order: Order, subject: str = "") -> None:
    """Give the desk an order."""
    found.hear(Told(time=found.now, order=order, by="test", subject=subject, reason="a test"))


def state(found: Stage) -> State:
    """Return the state of the desk."""
    return found.controller.standing.state


def said(found: Stage, topic: str) -> list[str]:
    """Return what people were told about a topic."""
    return [notice.text for _, notice in found.notices if notice.topic == topic]


def kinds(found: Stage, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of all records of a kind."""
    return [dict(record.body) for record in found.records if record.kind == kind]


def folded(found: Stage) -> Controller:
    """Return a desk made of the journal alone."""
    return Controller(found.task.setup, tuple(found.records), found.task.care)
