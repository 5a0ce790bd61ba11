"""A real desk in a process of its own, which a test may let die at any of its steps.

It hedges one bitcoin at the fake venue that stands at a URL, writes down a word for each step that
touches journal or venue, and kills itself at the one it is told to, as ``kill -9`` does. SIGTERM
ends it in good order.
"""

import asyncio
import os
import signal
import time
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np

from fake_venue.loopback import KEY, SECRET
from hedgerow.adapters.journal.opening import open_journal
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.loader import load_exchange
from hedgerow.adapters.venues.opening import Where, open_venue
from hedgerow.adapters.venues.streams import Patience
from hedgerow.engine.terms import AccountTerms, Brackets, LegTerms, Terms
from hedgerow.execution.order import Listing
from hedgerow.execution.secret import Secret
from hedgerow.execution.style import Limits, Style
from hedgerow.live.controller import Care, Controller
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.runtime import Around, Runtime
from hedgerow.live.setup import Setup
from hedgerow.live.view import State
from hedgerow.live.wires import Wire, Wires
from hedgerow.policies.band import Band
from hedgerow.units import SECOND

SYMBOL: Final = "BTC/USDT:USDT"
COINS: Final = 1.0
BAND: Final = 0.01
STEPS: Final = ("durable", "sent", "answered")
TIERS: Final = Brackets(
    floor=np.zeros(1),
    cap=np.full(1, 1e12),
    rate=np.array([0.004]),
    amount=np.zeros(1),
    leverage=np.array([20.0]),
)


def setup() -> Setup:
    """Return the task: one bitcoin, hedged with the linear perpetual, in two slices."""
    leg = LegTerms(
        instrument=SYMBOL,
        asset="BTC",
        account="main",
        settle="USDT",
        inverse=False,
        lot_size=0.001,
        minimum=100.0,
        brackets=TIERS,
        method="full",
        fee=0.0005,
        liquidation_fee=0.0125,
        ratio=1.0,
        max_leverage=20.0,
        numbers=Band(half_width=BAND, to="centre").numbers(),
    )
    account = AccountTerms(
        name="main", collateral="USDT", deposit=100_000.0, top_up_below=-1e9, top_up_to=-1e9
    )
    terms = Terms(
        assets=("BTC", "USDT"),
        cash=frozenset({"USDT"}),
        numeraire_coin=None,
        holdings=(COINS, 0.0),
        legs=(leg,),
        accounts=(account,),
        rule=Band.rule,
        half_spread=1e-4,
        spot_fee=1e-3,
    )
    listing = Listing(
        venue="binance",
        account="main",
        symbol=SYMBOL,
        tick=Decimal("0.1"),
        lot=Decimal("0.001"),
        minimum_notional=Decimal(100),
    )
    return Setup(
        name="kill",
        mode="live",
        terms=terms,
        venues={"main": "binance"},
        listings=(listing,),
        styles=(Style(slice_notional=Decimal(36_000), reach=SECOND, slice_pause=SECOND // 5),),
        limits=Limits(),
        cadence=SECOND // 2,
        check=2 * SECOND,
    )


def life(url: str, journal: str, step: int, steps: Path) -> None:
    """Run the desk until it ends, or dies at its `step`-th step (0: never)."""
    seen = 0

    def stage(word: str) -> None:
        nonlocal seen
        if word not in STEPS:
            return
        seen += 1
        with steps.open("a") as file:
            file.write(f"{word}\n")
        if seen == step:
            os.kill(os.getpid(), signal.SIGKILL)

    around = Around(clock=time.time_ns, holder=f"test:{os.getpid()}", stage=stage)
    asyncio.run(_run(url, journal, around))


async def _run(url: str, journal: str, around: Around) -> None:
    where = Where(
        loopback_url=url,
        timeout=10_000,
        patience=Patience(first=0.05, longest=0.1, opening=2.0),
    )
    keys = Keys(key=Secret(KEY), secret=Secret(SECRET))

    def connect(_: Controller) -> Wires:
        feed, gateways, accounts = open_venue("binance", {"main": (SYMBOL,)}, {"main": keys}, where)
        return Wires(
            {"binance": feed},
            {"main": Wire(gateway=gateways["main"], account=accounts["main"])},
            {"main": (SYMBOL,)},
            time.time_ns,
        )

    care = Care(guards=GuardLimits(), start=State.TRADING)
    runtime = Runtime(setup(), care, open_journal(journal), connect, around)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, runtime.stop)
    await runtime.run()


load_exchange("binance")  # so that a process which is forked from here starts at once
