"""A desk with two-leg trades at the end of the wires, and venues that do as they are told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from desk_makers import PERP, SPOT, TOUCH
from random_venue import Failed, RandomVenue, RandomWorld, Resting, hear

from hedgerow.execution.dealer import Dealer, Permission, Touch
from hedgerow.execution.machine import Step
from hedgerow.execution.order import Listing, OrderRequest, Side, TradeReport
from hedgerow.execution.pair import Pairs
from hedgerow.execution.port import Failure
from hedgerow.execution.style import Limits, Style
from hedgerow.ledger.journal import Draft

ZERO = Decimal(0)
FREE = Limits(orders=100_000, rejects=100_000, naked=4_000.0)
FIRST = replace(SPOT, venue="okx", minimum_notional=ZERO)
SECOND = replace(PERP, minimum_notional=ZERO)
LEGS = (FIRST, SECOND)


@dataclass
class PairDesk:
    """Dealer and pairs, as a desk would drive them."""

    dealer: Dealer
    pairs: Pairs
    touches: dict[int, Touch]
    allowed: Callable[[], Permission]

    def hear(self, message: object, now: int) -> Step:
        step = hear(self.dealer, message, now)
        return step.then(self.pairs.advance(now, self.touches, self.allowed()))

    def tick(self, now: int) -> Step:
        step = self.dealer.tick(now, self.touches, self.allowed())
        return step.then(self.pairs.advance(now, self.touches, self.allowed()))

    def resume(self, now: int) -> Step:
        return self.dealer.resume(now)

    def apply(self, draft: Draft) -> None:
        self.dealer.apply(draft)
        self.pairs.apply(draft)

    def snapshot(self) -> object:
        return (self.dealer.snapshot(), self.pairs.snapshot())


@dataclass
class Told(RandomVenue):
    """A venue that trades opening orders as told: "filled", "partial" or "none"."""

    outcome: str = "filled"
    down_after: bool = False  # goes down once its leg has traded, or at once where it never will

    def _trade(self, order: Resting, now: int) -> list[TradeReport]:
        request = order.request
        held = self.position.get(request.symbol, ZERO)
        closes = held * request.side.sign < ZERO
        share = {"filled": 1.0, "partial": 0.4, "none": 0.0}[self.outcome]
        if self.outcome == "partial" and self.trades:
            share = 0.0
        self.fills = 1.0
        self.random = Dice(1.0 if closes else share)
        return super()._trade(order, now)


class Dice(Random):
    """Dice that always fall the same way."""

    def __init__(self, share: float) -> None:
        super().__init__(0)
        self.share = share

    def random(self) -> float:
        return 0.0

    def choice(self, seq: object) -> float:  # type: ignore[override]
        del seq
        return self.share


@dataclass
class PairWorld(RandomWorld):
    """Two legs at two venues; `unknown` loses every answer and every stream message."""

    unknown: bool = False
    permission: Permission = Permission.ALL
    integral: Decimal = ZERO
    asked_in_vain: bool = False
    desk: PairDesk = field(init=False)

    def run(self, seconds: float) -> None:
        """Let time pass, and sum what is naked in truth: quote times seconds at 100 each."""
        for _ in range(int(seconds * 2)):
            super().run(0.5)
            naked = sum((sum(v.position.values(), ZERO) for v in self.venues.values()), ZERO)
            self.integral += abs(naked) * 100 / 2

    def _place(self, request: OrderRequest) -> None:
        venue = self.venues[request.venue]
        if not self.unknown or venue.down:
            super()._place(request)
        else:
            venue.take(request, self.now)
            self.say(Failed(request.client_id, "place", Failure.UNKNOWN), 0.1, answer=True)
        if (
            isinstance(venue, Told)
            and venue.down_after
            and (venue.trades or venue.outcome == "none")
        ):
            venue.down = True


def a_world(
    venues: dict[str, RandomVenue],
    *,
    listings: tuple[Listing, Listing] = LEGS,
    style: Style | None = None,
    limits: Limits = FREE,
    touches: dict[int, Touch] | None = None,
) -> PairWorld:
    seen = touches or {0: TOUCH, 1: TOUCH}
    made: list[PairWorld] = []

    def make() -> PairDesk:
        dealer = Dealer(listings, [style or Style()] * 2, limits, "pairs")
        allowed = lambda: made[0].permission if made else Permission.ALL  # noqa: E731
        return PairDesk(dealer, Pairs(dealer, listings, limits), seen, allowed)

    world = PairWorld(random=Random(1), make=make, venues=venues, faults=0.0)  # noqa: S311
    made.append(world)
    return world


def held(world: PairWorld, listing: Listing) -> Decimal:
    """Return what a venue holds in truth."""
    return world.venues[listing.venue].position.get(listing.symbol, ZERO)


def begin(world: PairWorld, first: str | int = 2, second: str | int = -2) -> None:
    targets = (Decimal(first), Decimal(second))
    desk = world.desk
    world.do(desk.pairs.open("p", 0, 1, targets, desk.touches, world.now, world.permission))


def sold(request: OrderRequest) -> bool:
    return request.side is Side.SELL
