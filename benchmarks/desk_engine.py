"""How long the engine's desk takes from a close of the market to the order it commands."""

import time

from benchmarks.desk_job import PRICE, setup
from hedgerow.engine.commands import PlaceOrder
from hedgerow.engine.desk import Desk
from hedgerow.engine.events import Duty, Fill, MarketClosed, MarketOpened, Quote, Tick
from hedgerow.units import SECOND, Floats


def engine_seconds(walk: Floats) -> list[float]:
    """Return the seconds of each decision that ordered; every order is filled at once."""
    desk = Desk(setup(0).terms)
    assets = desk.terms.assets
    worth = tuple(PRICE if asset == "BTC" else 1.0 for asset in assets)
    desk.handle(MarketOpened(time=0, index=(PRICE,), mark=(PRICE,), worth=worth))
    seconds: list[float] = []
    for number, price in enumerate(walk.tolist()):
        now = number * 2 * SECOND
        quote = Quote(price, price, 0.5, 1e-4, 8.0)
        begun = time.perf_counter()
        desk.handle(MarketClosed(time=now, quotes=(quote,), worth=worth))
        commands = desk.handle(Tick(time=now, duty=Duty.HEDGE))
        taken = time.perf_counter() - begun
        for command in commands:
            if isinstance(command, PlaceOrder):
                seconds.append(taken)
                desk.handle(
                    Fill(
                        time=now,
                        leg=0,
                        lots=command.lots,
                        price=price,
                        reference=price,
                        index=price,
                        worth=1.0,
                        fee=0.0,
                    )
                )
    return seconds
