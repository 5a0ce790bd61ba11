"""A made-up desk in full work, and a handle that answers like one: for API, client and screen.

No number here was computed by the project; they are those of a treasury of 120 BTC on a lively
afternoon, rounded as a person would.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from hedgerow.ledger.journal import GENESIS, Draft, Record, seal
from hedgerow.live.handle import Reply
from hedgerow.live.signals import Order
from hedgerow.live.view import (
    AccountView,
    BookView,
    DecisionView,
    DeskView,
    FundingView,
    GuardView,
    Identity,
    LegView,
    Mode,
    MoneyView,
    NakedView,
    NoticeView,
    OrderView,
    PositionView,
    PriceView,
    State,
    StreamView,
)
from hedgerow.units import HOUR, MINUTE, SECOND

NOW: Final = 1_790_085_834_000_000_000  # 2026-09-22T14:03:54Z
SYMBOL: Final = "BTC/USDT:USDT"


def a_desk(**changes: Any) -> Identity:  # noqa: ANN401 - whatever a test changes
    calm = Identity(
        name="treasury",
        mode=Mode.PAPER,
        state=State.TRADING,
        since=NOW - 5 * HOUR,
        started=NOW - 27 * HOUR,
        reason="resumed after the maintenance of Deribit",
        by="cli:anna",
        version="0.1.0",
        config_hash="9f2c41d07ab3",
        numeraire="USD",
    )
    return replace(calm, **changes)


def the_book() -> tuple[BookView, ...]:
    return (
        BookView(
            asset="BTC",
            exposure=120.0,
            goal=-120.0,
            hedge=-118.452,
            pending=-0.6,
            lower=-122.4,
            upper=-117.6,
            price=112_480.5,
            age=0.4,
        ),
        BookView(
            asset="ETH",
            exposure=860.0,
            goal=-860.0,
            hedge=-812.0,
            pending=-48.0,
            lower=-877.2,
            upper=-842.8,
            price=4_182.35,
            age=14.0,
        ),
    )


def the_legs() -> tuple[LegView, ...]:
    binance = LegView(
        number=0,
        venue="binanceusdm",
        account="main",
        symbol=SYMBOL,
        asset="BTC",
        settle="USDT",
        position=PositionView(
            amount=-82.452,
            coins=-82.452,
            target=-83.052,
            pending=-0.6,
            entry=108_932.4,
            unrealised=-292_550.1,
            realised=14_820.66,
            fees=-6_104.2,
            age=1.2,
        ),
        prices=PriceView(
            mark=112_480.5,
            mark_age=0.3,
            index=112_455.1,
            index_age=0.3,
            bid=112_478.0,
            ask=112_478.1,
            last=112_478.1,
            quote_age=0.1,
        ),
        funding=FundingView(
            received=38_412.9,
            last_time=NOW - 6 * HOUR - 3 * MINUTE,
            last_rate=0.000061,
            last_amount=561.7,
            next_time=NOW + HOUR + 56 * MINUTE,
            predicted=0.000082,
            low=0.000031,
            high=0.0001,
            interval_hours=8.0,
            annual=0.08979,
            expected=760.5,
            age=2.0,
        ),
        liquidation_price=131_205.7,
        distance=0.1665,
    )
    deribit = LegView(
        number=1,
        venue="deribit",
        account="coin",
        symbol="BTC/USD:BTC",
        asset="BTC",
        settle="BTC",
        inverse=True,
        position=PositionView(
            amount=-4_049_000.0,
            coins=-36.0,
            target=-4_049_000.0,
            entry=110_020.0,
            unrealised=-0.8043,
            realised=0.112,
            fees=-0.0145,
            age=3.4,
        ),
        prices=PriceView(
            mark=112_471.2,
            mark_age=0.8,
            index=112_455.1,
            index_age=0.8,
            bid=112_469.5,
            ask=112_470.0,
            last=112_470.0,
            quote_age=0.5,
        ),
        funding=FundingView(
            received=-0.0214,
            last_time=NOW - 4 * MINUTE,
            last_rate=-0.000012,
            last_amount=-0.0004,
            next_time=NOW + 56 * MINUTE,
            predicted=-0.000018,
            low=-0.00005,
            high=0.000021,
            interval_hours=1.0,
            annual=-0.15768,
            expected=-0.0006,
            age=6.0,
        ),
    )
    ether = LegView(
        number=2,
        venue="bybit",
        account="unified",
        symbol="ETH/USDT:USDT",
        asset="ETH",
        settle="USDT",
        position=PositionView(
            amount=-812.0,
            coins=-812.0,
            target=-860.0,
            pending=-48.0,
            entry=4_020.1,
            unrealised=-131_746.0,
            realised=0.0,
            fees=-1_632.2,
            age=41.0,
        ),
        prices=PriceView(
            mark=4_182.35,
            mark_age=14.0,
            index=4_181.9,
            index_age=14.0,
            bid=4_182.3,
            ask=4_182.4,
            last=4_182.3,
            quote_age=14.0,
        ),
        funding=FundingView(
            received=2_210.5,
            last_time=NOW - 6 * HOUR - 3 * MINUTE,
            last_rate=0.0001,
            last_amount=339.6,
            next_time=NOW + HOUR + 56 * MINUTE,
            predicted=0.0001,
            low=0.0001,
            high=0.00013,
            interval_hours=8.0,
            annual=0.1095,
            expected=339.6,
            age=75.0,
        ),
        liquidation_price=4_611.0,
        distance=0.1025,
        unresolved=True,
        blocked="an order's outcome is unknown",
    )
    return binance, deribit, ether


def the_accounts() -> tuple[AccountView, ...]:
    return (
        AccountView(
            venue="binanceusdm",
            account="main",
            collateral="USDT",
            wallet=2_410_331.2,
            equity=2_117_781.1,
            maintenance=412_307.9,
            headroom=0.1839,
            floor=0.1,
            reserve=1_500_000.0,
            in_transit=250_000.0,
            age=1.2,
        ),
        AccountView(
            venue="deribit",
            account="coin",
            collateral="BTC",
            wallet=38.0761,
            equity=37.2718,
            maintenance=0.3624,
            headroom=1.0251,
            floor=0.1,
            age=3.4,
        ),
        AccountView(
            venue="bybit",
            account="unified",
            collateral="USDT",
            wallet=520_118.4,
            equity=388_372.4,
            maintenance=50_939.1,
            headroom=0.0994,
            floor=0.1,
            reserve=400_000.0,
            age=41.0,
        ),
    )


def the_orders() -> tuple[OrderView, ...]:
    return (
        OrderView(
            client_id="hr-treasury-0-7f31c2",
            leg=0,
            venue="binanceusdm",
            symbol=SYMBOL,
            side="sell",
            kind="post_only",
            amount=Decimal("0.600"),
            filled=Decimal("0.000"),
            price=Decimal("112478.1"),
            age=8.4,
            status="open",
        ),
        OrderView(
            client_id="hr-treasury-2-11ab90",
            leg=2,
            venue="bybit",
            symbol="ETH/USDT:USDT",
            side="sell",
            kind="immediate",
            amount=Decimal("48.00"),
            filled=Decimal("0.00"),
            price=Decimal("4161.45"),
            age=13.9,
            status="unknown",
            unresolved=True,
        ),
    )


def the_guards() -> tuple[GuardView, ...]:
    calm = (
        "stale-stream price-divergence stablecoin-peg funding-spike loss error-rate clock-drift "
        "settlement-missing breaker-turnover breaker-orders breaker-rejects breaker-order-size"
    )
    return (
        *(GuardView(name=name, tripped=False) for name in calm.split()),
        GuardView(
            name="headroom",
            tripped=True,
            since=NOW - 40 * SECOND,
            message=(
                "bybit unified has 9.94 % headroom, below its 10 %; "
                "250,000 USDT are asked from the reserve; if it stays so, reduce the ETH hedge"
            ),
        ),
        GuardView(
            name="naked",
            tripped=True,
            stops="until resumed",
            since=NOW - 3 * MINUTE,
            message="a pair stood on one leg for 61 s, limit 45 s; look at `hedgerow why`",
            latched=True,
        ),
    )


def the_decisions() -> tuple[DecisionView, ...]:
    return (
        DecisionView(
            time=NOW - 14 * SECOND,
            leg=2,
            symbol="ETH/USDT:USDT",
            words=(
                "The book is long 860 ETH and the hedge is short 812, outside its band of 842.8 "
                "to 877.2: sell 48 to reach 860, at a cost of about 88 USD."
            ),
            exposure=860.0,
            hedge=-812.0,
            goal=-860.0,
            target=-860.0,
            traded=-48.0,
            bound="band",
            costs={"fee": 80.3, "spread": 7.7},
            numbers={"volatility": 0.71, "half_width": 0.02},
        ),
        DecisionView(
            time=NOW - 9 * SECOND,
            leg=0,
            symbol=SYMBOL,
            words=(
                "The miner added 0.6 BTC to the exposure, the hedge follows: sell 0.6, resting "
                "at the ask for up to 30 s."
            ),
            exposure=120.0,
            hedge=-118.452,
            goal=-120.0,
            target=-119.052,
            traded=-0.6,
            bound="order size",
            costs={"fee": -13.5, "spread": 0.0},
            numbers={"half_width": 0.02},
        ),
        DecisionView(
            time=NOW - 4 * SECOND,
            leg=1,
            symbol="BTC/USD:BTC",
            words="The hedge of 118.45 BTC is inside its band of 117.6 to 122.4: nothing to do.",
            exposure=120.0,
            hedge=-118.452,
            goal=-120.0,
            target=-36.0,
            traded=0.0,
            bound="inside the band",
        ),
    )


def a_view(**changes: Any) -> DeskView:  # noqa: ANN401 - whatever a test changes
    """Return the desk on that afternoon, with `changes`."""
    streams = (
        StreamView(venue="binanceusdm", name="quotes", alive=True, age=0.1, limit=10.0),
        StreamView(venue="binanceusdm", name="account", alive=True, age=1.2, limit=60.0),
        StreamView(venue="deribit", name="quotes", alive=True, age=0.5, limit=10.0),
        StreamView(venue="deribit", name="account", alive=True, age=3.4, limit=60.0),
        StreamView(
            venue="bybit",
            name="quotes",
            alive=False,
            age=14.0,
            limit=10.0,
            reason="no message for 14 s; connecting again",
        ),
        StreamView(venue="bybit", name="account", alive=True, age=41.0, limit=60.0),
    )
    money = MoneyView(
        equity=16_988_410.0,
        opening=16_402_118.0,
        unhedged=17_482_905.0,
        parts={
            "exposure": 1_080_787.0,
            "hedge_index": -520_911.0,
            "hedge_basis": -2_604.0,
            "funding": 38_219.0,
            "fees": -9_367.0,
            "slippage": -832.0,
            "financing": 0.0,
            "collateral": 1_000.0,
            "liquidation": 0.0,
        },
    )
    whole = DeskView(
        time=NOW,
        desk=a_desk(),
        money=money,
        book=the_book(),
        legs=the_legs(),
        accounts=the_accounts(),
        orders=the_orders(),
        guards=the_guards(),
        streams=streams,
        naked=NakedView(
            notional=0.0,
            seconds=0.0,
            limit=2_000_000.0,
            count=31,
            p50=1.8,
            p95=22.0,
            p99=58.0,
            longest=61.0,
        ),
        decisions=the_decisions(),
        notices=(
            NoticeView(
                time=NOW - 40 * SECOND,
                level="warning",
                topic="headroom",
                text="bybit unified has 9.94 % headroom",
            ),
        ),
        counters={"events": 812_440, "records": 41_803, "decisions": 19_440},
        orders_by_outcome={"filled": 611, "cancelled": 118, "rejected": 3, "unknown": 1},
    )
    return replace(whole, **changes)


class SampleDesk:
    """Answers as a desk would, and remembers what it was told."""

    def __init__(self, view: DeskView | None = None) -> None:
        self.shown = a_view() if view is None else view
        self.told: list[tuple[Order, str, str, str]] = []

    def view(self) -> DeskView:
        return self.shown

    async def tell(self, order: Order, *, by: str, subject: str = "", reason: str = "") -> Reply:
        self.told.append((order, by, subject, reason))
        state = self.shown.desk.state
        if order is Order.RESET and subject not in {guard.name for guard in self.shown.guards}:
            return Reply(accepted=False, state=state, words=f"no guard is called {subject!r}")
        if state is State.KILLED and order is not Order.RESUME:
            return Reply(accepted=False, state=state, words="the desk is killed; resume it first")
        after = {
            Order.ARM: State.ARMED,
            Order.RESUME: State.TRADING,
            Order.PAUSE: State.PAUSED,
            Order.FLATTEN: State.PAUSED,
            Order.KILL: State.KILLED,
        }.get(order, state)
        desk = replace(self.shown.desk, state=after, reason=reason, by=by)
        self.shown = replace(self.shown, desk=desk)
        return Reply(accepted=True, state=after, words="done")

    def why(self, leg: str | None, last: int) -> Sequence[DecisionView]:
        found = [one for one in self.shown.decisions if leg in {None, one.symbol, str(one.leg)}]
        return found[-last:]

    async def journal_tail(self, count: int) -> Sequence[Record]:
        records: list[Record] = []
        before = GENESIS
        for number in range(1, 4):
            draft = Draft(time=NOW + number, kind="state", body={"number": number})
            records.append(seal(draft, number, before))
            before = records[-1].digest
        return records[-count:]
