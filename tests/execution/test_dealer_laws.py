"""Whatever venue and wires do: nothing twice, nothing past the target, nothing lost."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from desk_makers import PERP, TOUCH
from random_venue import DealerDesk, RandomVenue, RandomWorld

from hedgerow.execution.dealer import Dealer, Permission
from hedgerow.execution.order import OrderRequest, Side
from hedgerow.execution.style import Limits, Style

LISTINGS = (PERP, replace(PERP, symbol="ETH/USDT:USDT"))
STYLES = (
    Style(),
    Style(route="market", splits=False),
    Style(route="maker", patience=5_000_000_000),
    Style(route="maker_then_taker", patience=5_000_000_000, slice_notional=Decimal(200)),
)
FREE = Limits(orders=10_000, rejects=10_000)


class Watched(RandomWorld):
    """A world in which every order and every instant is held against the venue's truth."""

    def __init__(self, seed: int, style: Style) -> None:
        random = Random(seed)  # noqa: S311 - a test's dice
        venue = RandomVenue(random, LISTINGS)
        self.venue = venue
        self.sent: dict[str, OrderRequest] = {}
        super().__init__(
            random=random,
            make=lambda: DealerDesk(Dealer(LISTINGS, [style] * 2, FREE, "law"), 2),
            venues={"binance": venue},
        )
        self.on_place = self.check_order

    @property
    def dealer(self) -> Dealer:
        return self.desk.dealer

    def truth(self, leg: int) -> Decimal:
        return self.venue.position.get(LISTINGS[leg].symbol, Decimal(0))

    def reach(self, leg: int) -> tuple[Decimal, Decimal]:
        """Return what the position may become by orders that live or fly."""
        low = high = self.truth(leg)
        symbol = LISTINGS[leg].symbol
        live = [
            (order.request, order.request.amount - order.filled)
            for order in self.venue.orders.values()
            if not order.status.is_final
        ] + [(request, request.amount) for request in self.flying.values()]
        for request, rest in live:
            if request.symbol == symbol:
                low -= rest if request.side is Side.SELL else 0
                high += rest if request.side is Side.BUY else 0
        return low, high

    def check_order(self, request: OrderRequest) -> None:
        """No order may pass the target, and one that closes may not open."""
        leg = [listing.symbol for listing in LISTINGS].index(request.symbol)
        target = self.dealer.target(leg)
        low, high = self.reach(leg)
        assert target is not None
        if request.side is Side.BUY:
            assert high + request.amount <= target
        else:
            assert low - request.amount >= target
        if request.reduce_only:
            assert (high if request.side is Side.BUY else low) * request.side.sign < 0

    def check_now(self) -> None:
        """Hold the truth against what the dealer thinks possible, and its trades against it."""
        for leg, listing in enumerate(LISTINGS):
            low, high = self.dealer.bounds(leg)
            assert low <= self.truth(leg) <= high
            told = [d for d in self.drafts if d.kind == "trade" and d.body["leg"] == leg]
            assert len({d.key for d in told}) == len(told)
            assert self.dealer.position(leg) == sum(
                (
                    Decimal(d.body["report"]["amount"])
                    * (1 if d.body["report"]["side"] == "buy" else -1)
                    for d in told
                ),
                Decimal(0),
            ), listing.symbol

    def aim(self, leg: int, target: Decimal) -> None:
        self.given = [each for each in self.given if each.leg != leg]
        self.turn(self.dealer.aim(leg, target, TOUCH, self.now, Permission.ALL))

    def live_through(self, turns: int) -> None:
        for _ in range(turns):
            if self.random.random() < 0.4:
                self.aim(
                    self.random.randrange(2), Decimal(self.random.randrange(-4000, 4000)) / 1000
                )
            if self.random.random() < 0.1:
                self.turn(self.dealer.drop(self.random.randrange(2), self.now, "dropped"))
            self.run(self.random.choice((0.5, 2, 7)))
            self.check_now()


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.route)
@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_ordered_twice_or_passes_its_target(seed: int, style: Style) -> None:
    world = Watched(seed, style)
    world.live_through(60)
    world.faults, world.venue.fills = 0.0, 1.0
    targets = [Decimal(world.random.randrange(-4000, 4000)) / 1000 for _ in LISTINGS]
    for leg, target in enumerate(targets):
        world.aim(leg, target)
    world.run(120)
    world.check_now()
    for leg, target in enumerate(targets):
        assert world.dealer.settled(leg)
        assert world.dealer.position(leg) == world.truth(leg)
        short = abs(world.truth(leg) - target)
        assert short < PERP.lot or any(each.leg == leg for each in world.given)
