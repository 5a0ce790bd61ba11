"""A whole desk over the wire: a config as a person writes it, and a fake venue that answers.

Everything between the two is what runs for real: the config's reading, the adapters through an
unmodified ccxt, the journal in a file, and the runtime.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from desk_bench import hedged

from fake_venue.binance import BinanceServer
from fake_venue.deribit import DeribitServer
from fake_venue.loopback import KEY, SECRET, LoopbackServer, Seen
from fake_venue.orders import Event, OrderEvent
from hedgerow.adapters.journal.opening import open_journal
from hedgerow.adapters.venues import known
from hedgerow.adapters.venues.loader import load_exchange
from hedgerow.config.assembly import Assembled, Market, assemble
from hedgerow.config.live import live_setup
from hedgerow.config.loading import load
from hedgerow.execution.budget import Priority, RateBudget
from hedgerow.execution.client_id import mark
from hedgerow.ledger.journal import Record, verified
from hedgerow.live.controller import Controller
from hedgerow.live.signals import Order
from hedgerow.live.view import State
from hedgerow.live.wires import Wires

RECOVERY: Final = 45.0  # seconds, the config's own `recovery_seconds`
BAND: Final = Decimal("0.01")  # half-width, fraction of the exposure
STATES: Final = "XDG_STATE_HOME"

LIVE: Final = """
[live]
name = "{name}"
live = true
start_state = "trading"
cadence_seconds = 0.5
check_seconds = 1.5
recovery_seconds = 45
journal = "journal.sqlite"

[orders]
slice_notional = 36_000
slice_pause_seconds = 0.2
unknown_seconds = 3
order_notional = 100_000
turnover = 100_000_000

[guards]
stream_down_seconds = 3

[secrets]
file = "secrets.toml"

[[venue]]
name = "{venue}"
url = "{url}"
api_key = "VENUE_KEY"
api_secret = "VENUE_SECRET"
"""
BOOKS: Final = {
    "binance": """
[book]
numeraire = "USD"

[[book.holding]]
asset = "BTC"
amount = 1.0

[hedge]
venue = "binance"
instrument = "BTC/USDT:USDT"

[hedge.policy]
name = "band"
half_width = 0.01
to = "centre"

[margin]
mode = "cross"
collateral = "USDT"
deposit = 100_000
reserve = 0
top_up_below = 0.05

[world]
kind = "replay"
start = 2024-01-01
end = 2024-01-31
bar = "1h"
""",
    "deribit": """
[book]
numeraire = "USD"

[[book.holding]]
asset = "BTC"
amount = 1.0

[hedge]
venue = "deribit"
instrument = "BTC/USD:BTC"

[hedge.policy]
name = "band"
half_width = 0.01
to = "centre"

[margin]
mode = "cross"
collateral = "BTC"
deposit = 1.0
reserve = 0
top_up_below = 0.05

[world]
kind = "replay"
start = 2024-01-01
end = 2024-01-31
bar = "1h"
""",
}
NAMES: Final = {"binance": "BTCUSDT", "deribit": "BTC-PERPETUAL"}
ORDERS: Final = {
    "binance": ("POST /fapi/v1/order", "newClientOrderId"),
    "deribit": ("/private/sell", "label"),
}


def binance() -> BinanceServer:
    """Return a Binance where nothing has happened yet."""
    return BinanceServer()


def deribit() -> DeribitServer:
    """Return a Deribit with one coin in the account."""
    return DeribitServer(wallet={"BTC": Decimal(1)})


class Turns(RateBudget):
    """The budget of a desk's requests, and how many were out when the venue asked for patience."""

    def __init__(self) -> None:
        super().__init__({name: quirks.rate for name, quirks in known.VENUES.items()})
        self.out = 0
        self.out_before: list[int] = []

    def ask(self, venue: str, weight: float, priority: Priority, now: int) -> int:
        wait = super().ask(venue, weight, priority, now)
        self.out += wait == 0
        return wait

    def banned(self, venue: str, until: int) -> None:
        self.out_before.append(self.out)
        super().banned(venue, until)


@dataclass(slots=True, kw_only=True)
class Wired:
    """A desk that runs, and its venue.

    Attributes
    ----------
    turns
        The budget of its requests.
    arrived
        Of each order that the venue took: its client id, its sign, whether it may only reduce, and
        what was held when it came.
    """

    venue: Any  # one of the fake venues
    folder: Path
    desk: Assembled
    running: "asyncio.Task[None]"
    turns: Turns
    arrived: list[tuple[str, int, bool, Decimal]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The venue's name of the contract."""
        return NAMES[self.venue.name]

    @property
    def state(self) -> State:
        return self.desk.runtime.controller.standing.state

    @property
    def held(self) -> Decimal:
        """What the account holds, in the contract's own unit."""
        found: Decimal = self.venue.account.net(self.name)
        return found

    @property
    def is_hedged(self) -> bool:
        """Whether the account's position lies within the band about the exposure."""
        market = self.venue.exchange.market(self.name)
        if not market.contract.inverse:
            return bool(abs(self.held + 1) <= BAND)
        coins = self.venue.account.equity("BTC", self.venue.exchange.marks())
        return bool(abs(coins + self.held / market.mark) <= BAND)

    @property
    def agrees(self) -> bool:
        """Whether the desk's books are the account: the position exactly, the wallet to a cent."""
        core = self.desk.runtime.controller.core
        listing = core.setup.listings[0]
        settle = "BTC" if listing.inverse else "USDT"
        cent = 1e-6 if listing.inverse else 0.01
        there = float(self.venue.account.wallet[settle])
        return (
            core.dealer.position(0) == self.held
            and round(core.desk.books.positions[0].lots) * listing.lot == self.held
            and abs(core.desk.books.purses[0].wallet - there) < cent
        )

    @property
    def shown(self) -> tuple[float, float, float]:
        """Best bid, best ask and mark as the desk knows them."""
        seen = self.desk.runtime.controller.core.market.seen(0)
        return (0.0, 0.0, 0.0) if seen is None else (seen.bid, seen.ask, seen.mark)

    @property
    def rests(self) -> bool:
        """Whether nothing is on its way."""
        core = self.desk.runtime.controller.core
        return core.dealer.settled(0) and not self.venue.exchange.open_orders()

    @property
    def said(self) -> dict[str, list[str]]:
        """What people were told, by topic."""
        found: dict[str, list[str]] = {}
        for _, notice in self.desk.runtime.controller.core.notices:
            found.setdefault(notice.topic, []).append(notice.text)
        return found

    async def until(self, condition: Callable[[], bool], seconds: float = RECOVERY) -> None:
        """Wait until a condition holds; it must, while the desk runs."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not condition():
            if self.running.done():
                await self.running
            assert loop.time() < end, f"not within {seconds:g} s; {self.picture()}"
            await asyncio.sleep(0.02)

    async def settles(self, state: State = State.TRADING) -> None:
        """Wait until it is hedged, nothing is on its way and the books are the account."""
        await self.until(
            lambda: self.is_hedged and self.rests and self.agrees and self.state is state
        )

    async def begins(self) -> None:
        """Wait until it decides."""
        await self.until(lambda: self.state is not State.STOPPED)

    def picture(self) -> str:
        """Return how it stands, for whoever reads a failure."""
        return (
            f"{self.state}, holds {self.held}, hedged {self.is_hedged}, rests {self.rests}, "
            f"agrees {self.agrees}, said {self.said}"
        )

    async def records(self, kind: str = "") -> list[Record]:
        """Return the journal as it lies on the disk, its chain verified."""
        return [each for each in await journal_of(self.folder) if kind in {each.kind, ""}]

    async def told(self, order: Order) -> None:
        """Let an operator speak."""
        reply = await self.desk.runtime.tell(order, by="test")
        assert reply.accepted, reply.words


async def journal_of(folder: Path) -> list[Record]:
    """Return all records of a desk, their chain verified."""
    journal = open_journal(str(folder / "journal.sqlite"))
    return list(verified([record async for record in journal.read()]))


def on_event(wired: list[Wired], server: LoopbackServer) -> Callable[[Event], None]:
    """Return what notes each order that arrives, with what was held then."""

    def note(event: Event) -> None:
        if isinstance(event, OrderEvent) and event.what == "new" and event.order.kind in WAYS:
            ticket = event.order.ticket
            held = server.account.net(ticket.name)
            known = ticket.client_id, event.order.sign, ticket.reduce_only, held
            wired[0].arrived.append(known)

    return note


WAYS: Final = frozenset({"limit", "market"})


def write_config(folder: Path, venue: LoopbackServer, *changes: tuple[str, str]) -> Path:
    """Write a config for a desk at `venue`, and its secrets; return where it lies."""
    text = BOOKS[venue.name] + LIVE.format(name=folder.name[:12], venue=venue.name, url=venue.url)
    for old, new in changes:
        assert old in text, f"{old!r} is not in the config"
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "desk.toml"
    path.write_text(text, encoding="utf-8")
    secrets = folder / "secrets.toml"
    secrets.write_text(f'VENUE_KEY = "{KEY}"\nVENUE_SECRET = "{SECRET}"\n', encoding="utf-8")
    secrets.chmod(0o600)
    return path


@asynccontextmanager
async def wired(
    folder: Path, venue: LoopbackServer, *changes: tuple[str, str]
) -> AsyncIterator[Wired]:
    """Lend a desk that runs at `venue`; it ends in good order, and what it did is looked at."""
    path = write_config(folder, venue, *changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATES, str(folder))
        config = load(path)
        given = live_setup(config, live=True)
    desk = assemble(config, given, Market())
    turns, connect = Turns(), desk.runtime._connect

    def counted(controller: Controller) -> Wires:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(known, "rate_budget", lambda: turns)
            return connect(controller)

    desk.runtime._connect = counted
    running = asyncio.create_task(desk.runtime.run())
    found = Wired(venue=venue, folder=folder, desk=desk, running=running, turns=turns)
    note = on_event([found], venue)
    venue.exchange.listeners.insert(0, note)
    try:
        yield found
    finally:
        desk.runtime.stop()
        await asyncio.gather(running, return_exceptions=True)
        desk.release()
        venue.exchange.listeners.remove(note)
    await running
    await in_order(found)


async def in_order(found: Wired) -> None:
    """Hold what a desk did against the venue's log and its own journal."""
    records = await journal_of(found.folder)
    call, key = ORDERS[found.venue.name]
    own = mark(found.desk.runtime.setup.name)
    ids = (seen.values[key] for seen in orders(found.venue, call))
    sent = Counter(client_id for client_id in ids if client_id.startswith(own))
    assert set(sent.values()) <= {1}, f"sent more than once: {sent}"
    intended = {r.body["request"]["client_id"] for r in records if r.kind == "intent"}
    assert set(sent) <= intended
    for client_id, sign, reduce_only, held in found.arrived:
        assert reduce_only or held * sign >= 0, f"{client_id} closes, and could open"
    booked = Counter(r.body["report"]["trade_id"] for r in records if r.kind == "trade")
    assert set(booked.values()) <= {1}


def orders(venue: LoopbackServer, call: str = "") -> list[Seen]:
    """Return the requests for an order that reached the venue."""
    if venue.name == "deribit":
        return venue.seen("/private/sell") + venue.seen("/private/buy")
    return venue.seen(call or ORDERS[venue.name][0])


Story = Callable[[Path], Awaitable[None]]
Outcomes = Mapping[str, BaseException | None]


def story(tell: Story) -> Callable[[Outcomes], None]:
    """Make a test of a story that is lived through beside the others of its module."""

    def test(told: Outcomes) -> None:
        error = told[tell.__name__]
        if error is not None:
            raise error

    test.__name__, test.__doc__, test.story = tell.__name__, tell.__doc__, tell  # type: ignore[attr-defined]
    return test


def live_through(request: pytest.FixtureRequest, folder: Path, together: int = 8) -> Outcomes:
    """Live through the stories that were collected of a module, several at a time.

    No desk waits while the exchanges are imported, or a desk compiled, for another one.
    """
    for name in BOOKS:
        load_exchange(name)
    hedged()
    stories: dict[str, Story] = {
        item.name: item.function.story
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and hasattr(item.function, "story")
    }

    async def all_of_them() -> list[BaseException | None]:
        gate = asyncio.Semaphore(together)

        async def one(number: int, tell: Story) -> None:
            async with gate:
                await tell(folder / f"desk{number}")

        return await asyncio.gather(
            *(one(number, tell) for number, tell in enumerate(stories.values())),
            return_exceptions=True,
        )

    return dict(zip(stories, asyncio.run(all_of_them()), strict=True))
