"""Replay on markets small enough to check by hand: the clock, the gaps and the refusals."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

import hedgerow as hr
from hedgerow.errors import DataGap, SpanError
from hedgerow.ledger import EntryKind
from hedgerow.market.series import Bars, FundingRates, PriceKind
from hedgerow.units import DAY, HOUR, nanoseconds

START = datetime(2024, 1, 1, tzinfo=UTC)
FIRST = nanoseconds(START)
SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
DAYS = 4
HOURS = 24 * DAYS
PRICE = 40_000.0


def bars(close: np.ndarray, *, step: int = HOUR, first: int = FIRST, volume: float = 50.0) -> Bars:
    opening = np.concatenate([[close[0]], close[:-1]])
    return Bars(
        time=first + np.arange(len(close)) * step,
        step=step,
        open=opening,
        high=np.maximum(opening, close),
        low=np.minimum(opening, close),
        close=close,
        volume=np.full(len(close), volume),
        source="by hand",
    )


def without(series: Bars, *places: int) -> Bars:
    keep = np.setdiff1d(np.arange(len(series.time)), places)
    columns = ("time", "open", "high", "low", "close", "volume")
    return replace(series, **{name: getattr(series, name)[keep] for name in columns})


def funding(hours: list[float], rate: float = 1e-4) -> FundingRates:
    time = FIRST + (np.array(hours) * HOUR).astype(np.int64)
    return FundingRates(
        time=time,
        rate=np.full(len(time), rate),
        mark_price=np.full(len(time), np.nan),
        interval_hours=np.concatenate([[np.nan], np.diff(time) / HOUR]),
        source="by hand",
    )


EVERY_8_HOURS = [float(hour) for hour in range(0, HOURS, 8)]


def market(
    spot: Bars | None = None,
    perp: Bars | None = None,
    rates: FundingRates | None = None,
    mark: tuple[Bars, ...] = (),
) -> hr.MemorySource:
    flat = bars(np.full(HOURS, PRICE))
    prices: dict[tuple[str, str, PriceKind], tuple[Bars, ...]] = {
        ("binance", SPOT, PriceKind.TRADE): (spot or flat,),
        ("binance", PERP, PriceKind.TRADE): (perp or flat,),
    }
    if mark:
        prices["binance", PERP, PriceKind.MARK] = mark
    return hr.MemorySource(
        name="by hand",
        prices=prices,
        settlements={("binance", PERP): rates or funding(EVERY_8_HOURS)},
    )


def hedge(policy: hr.Policy | None = None, **changes: object) -> hr.Hedge:
    book = hr.Book([hr.Holding("BTC", 10.0)])
    chosen = policy or hr.Hold()
    return hr.Hedge(book, instrument=PERP, venue="binance", policy=chosen, **changes)  # type: ignore[arg-type]


MARGIN = hr.Margin(collateral="USDT", deposit=200_000.0)
FREE = {"execution": hr.Execution(half_spread=0.0), "fees": hr.Fees(maker=0.0, taker=0.0)}


def run(source: hr.MemorySource, *, days: int = DAYS, **changes: object) -> hr.Run:
    last = date(2024, 1, 1) + timedelta(days=days - 1)
    world = hr.Replay(source, date(2024, 1, 1), last, **changes)  # type: ignore[arg-type]
    return hr.run(hedge(), world, margin=MARGIN, **FREE)  # type: ignore[arg-type]


def test_the_first_order_fills_at_the_open_after_the_first_bar() -> None:
    (fill,) = run(market()).ledger.of(EntryKind.FILL)
    assert fill.time == FIRST + HOUR
    assert fill.quantity == -10.0


def test_a_settlement_at_the_start_finds_nothing_held_and_one_at_the_end_is_not_counted() -> None:
    done = run(market(rates=funding([*EVERY_8_HOURS, float(HOURS)])))
    paid = done.ledger.of(EntryKind.FUNDING)
    assert [entry.time for entry in paid] == [FIRST + h * HOUR for h in range(8, HOURS, 8)]
    assert done.pnl.funding == pytest.approx(len(paid) * 10.0 * PRICE * 1e-4)
    assert done.coverage.settlements_present == done.coverage.settlements_expected == 12


def test_a_settlement_inside_a_bar_is_paid_on_what_is_held_then() -> None:
    rates = funding([hour + 0.5 for hour in EVERY_8_HOURS])
    paid = run(market(rates=rates)).ledger.of(EntryKind.FUNDING)
    assert paid[0].time == FIRST + 8 * HOUR + HOUR // 2
    assert paid[0].quantity == -10.0


def test_a_settlement_with_milliseconds_of_jitter_keeps_its_instant() -> None:
    rates = funding(EVERY_8_HOURS)
    done = run(market(rates=replace(rates, time=rates.time + 3_000_000)))
    assert len(done.ledger.of(EntryKind.FUNDING)) == 11


def test_a_missing_settlement_stops_the_run_unless_gaps_are_allowed() -> None:
    hours = [hour for hour in EVERY_8_HOURS if hour not in {24.0, 32.0}]
    with pytest.raises(DataGap, match=r"2 funding settlements .* allow_gaps"):
        run(market(rates=funding(hours)))
    done = run(market(rates=funding(hours)), allow_gaps=True)
    assert done.coverage.settlements_expected - done.coverage.settlements_present == 2
    assert len(done.ledger.of(EntryKind.FUNDING)) == 9


@pytest.mark.parametrize("cut", ["head", "tail"])
def test_settlements_missing_at_an_end_of_the_span_are_missed_too(cut: str) -> None:
    hours = EVERY_8_HOURS[3:] if cut == "head" else EVERY_8_HOURS[:-3]
    with pytest.raises(DataGap, match="missing"):
        run(market(rates=funding(hours)))


def test_a_shorter_interval_is_a_change_and_no_gap() -> None:
    hours = [*EVERY_8_HOURS[:6], *(float(hour) for hour in range(48, HOURS, 4))]
    done = run(market(rates=funding(hours)))
    assert done.coverage.settlements_expected == done.coverage.settlements_present == len(hours)
    assert any("interval changed from 8 h to 4 h" in stamp for stamp in done.stamps)


def test_no_settlements_at_all_is_a_gap() -> None:
    with pytest.raises(DataGap):
        run(market(rates=funding([])))


def test_a_hole_trades_nothing_and_is_counted_and_the_order_waits() -> None:
    spot = without(bars(np.full(HOURS, PRICE)), 1, 2)
    done = run(market(spot=spot))
    (fill,) = done.ledger.of(EntryKind.FILL)
    assert fill.time == FIRST + 3 * HOUR
    assert done.coverage.bars_present == HOURS - 2


def test_funding_and_margin_go_on_through_a_hole() -> None:
    close = np.full(HOURS, PRICE)
    close[20:] = 61_000.0
    spot = without(bars(np.full(HOURS, PRICE)), *range(15, 30))
    done = run(market(spot=spot, perp=bars(close)))
    assert [entry.time for entry in done.ledger.of(EntryKind.FUNDING)][1] == FIRST + 16 * HOUR
    assert done.liquidations[0].time == FIRST + 20 * HOUR


def test_a_refusing_outage_drops_the_order_and_a_late_one_keeps_it() -> None:
    begin, end = FIRST, FIRST + 5 * HOUR
    fills = {}
    for late in (False, True):
        outage = hr.Outage(venue="binance", start=begin, end=end, late=late)
        done = run(market(), outages=(outage,))
        (fill,) = done.ledger.of(EntryKind.FILL)
        fills[late] = fill.time
        assert any("orders" in stamp and "outage" in stamp for stamp in done.stamps)
    assert fills[True] == end
    assert fills[False] == end  # the policy asks again at each close, and the first open is `end`


def test_a_span_outside_the_data_names_what_there_is() -> None:
    with pytest.raises(SpanError, match=r"runs from 2024-01-01.* to 2024-01-05"):
        run(market(), days=DAYS + 1)


def test_a_bar_that_is_not_held_names_the_ones_that_are() -> None:
    with pytest.raises(SpanError, match="bars of 1h, not of 8h"):
        run(market(), bar="8h")


def test_a_run_before_the_listing_is_refused() -> None:
    early = nanoseconds(datetime(2019, 1, 1, tzinfo=UTC))
    flat = bars(np.full(48, PRICE), first=early)
    source = market(spot=flat, perp=flat)
    world = hr.Replay(source, "2019-01-01", "2019-01-02")
    with pytest.raises(SpanError, match="was listed"):
        hr.run(hedge(), world, margin=MARGIN)


def spike() -> Bars:
    """Return last prices with a wick to 70,000 in hour 30 that no mark shared."""
    perp = bars(np.full(HOURS, PRICE))
    high = perp.high.copy()
    high[30] = 70_000.0
    return replace(perp, high=high)


def coarse_mark(top: float) -> Bars:
    mark = bars(np.full(HOURS // 8, PRICE), step=8 * HOUR)
    high = mark.high.copy()
    high[3] = top
    return replace(mark, high=high)


def test_a_wick_of_last_prices_liquidates_only_where_no_mark_says_otherwise() -> None:
    naked = run(market(perp=spike()))
    assert naked.liquidations[0].price_source == "last"
    bounded = run(market(perp=spike(), mark=(coarse_mark(45_000.0),)))
    assert not bounded.liquidations
    shared = run(market(perp=spike(), mark=(coarse_mark(65_000.0),)))
    assert shared.liquidations[0].price_source == "bounded"


def test_funding_takes_the_open_of_a_coarser_mark_bar_before_that_of_the_perp_bar() -> None:
    mark = bars(np.full(HOURS // 8, 50_000.0), step=8 * HOUR)
    done = run(market(mark=(mark,)))
    assert {entry.price for entry in done.ledger.of(EntryKind.FUNDING)} == {50_000.0}


def test_flows_count_apart_from_profit() -> None:
    flows = (
        hr.Flow(time=START - timedelta(days=3), amount=2.0),
        hr.Flow(time=START + timedelta(hours=10, minutes=20), amount=1.5),
    )
    book = hr.Book([hr.Holding("BTC", 10.0, flows=flows)])
    close = np.full(HOURS, PRICE)
    close[50:] = 44_000.0
    source = market(spot=bars(close), perp=bars(close))
    done = hr.run(
        hr.Hedge(book, instrument=PERP, venue="binance", policy=hr.Band(half_width=0.0)),
        hr.Replay(source, "2024-01-01", "2024-01-04"),
        margin=MARGIN,
        **FREE,  # type: ignore[arg-type]
    )
    assert done.opening_worth == 12.0 * PRICE + 200_000.0
    assert done.series["flows"][-1] == 1.5 * PRICE
    assert done.pnl.exposure == pytest.approx(13.5 * 4_000.0)
    (flow,) = done.ledger.of(EntryKind.FLOW)
    assert flow.time == FIRST + 11 * HOUR
    assert done.legs[0].series["position"][-1] == -13.5


def test_nothing_before_a_moment_depends_on_what_comes_after_it() -> None:
    random = np.random.default_rng(3)
    close = PRICE * np.exp(np.cumsum(random.normal(0.0, 0.01, HOURS)))
    changed = close.copy()
    changed[60:] *= 1.1
    policy = hr.Band(half_width=0.001)
    mined = tuple(hr.Flow(time=START + timedelta(hours=h), amount=0.5) for h in range(2, HOURS, 3))
    book = hr.Book([hr.Holding("BTC", 1.0, flows=mined)])
    seen = []
    for path in (close, changed):
        source = market(spot=bars(path), perp=bars(path * 1.001))
        done = hr.run(
            hr.Hedge(book, instrument=PERP, venue="binance", policy=policy),
            hr.Replay(source, "2024-01-01", "2024-01-04"),
            margin=hr.Margin(collateral="USDT", deposit=40_000.0, reserve=1_000_000.0),
            execution=hr.Execution(impact=1.0, latency_seconds=5.0),
        )
        past = [entry for entry in done.ledger if entry.time <= FIRST + 60 * HOUR]
        seen.append((past, done.series.head(60)))
    assert len([entry for entry in seen[0][0] if entry.kind is EntryKind.FILL]) > 5
    assert repr(seen[0][0][:-1]) == repr(seen[1][0][:-1])
    assert seen[0][1].equals(seen[1][1])


def test_impact_without_volume_is_refused() -> None:
    source = market(perp=bars(np.full(HOURS, PRICE), volume=np.nan))
    world = hr.Replay(source, "2024-01-01", "2024-01-04")
    with pytest.raises(hr.MarketDataError, match="impact"):
        hr.run(hedge(), world, margin=MARGIN, execution=hr.Execution(impact=1.0))


def test_the_day_of_the_clock_is_utc() -> None:
    assert FIRST % DAY == 0


FUNDS = ("owned", "borrowed", "sold")


@pytest.mark.parametrize("deposit_from", FUNDS)
@pytest.mark.parametrize("reserve_from", FUNDS)
def test_the_ledger_adds_up_to_what_the_book_has_at_the_end(
    deposit_from: str, reserve_from: str
) -> None:
    close = np.concatenate([np.linspace(PRICE, 52_000.0, 60), np.linspace(52_000.0, PRICE, 36)])
    source = market(spot=bars(close), perp=bars(close * 1.0005))
    done = hr.run(
        hedge(hr.Band(half_width=0.01)),
        hr.Replay(source, "2024-01-01", "2024-01-04"),
        margin=hr.Margin(
            collateral="USDT",
            deposit=60_000.0,
            reserve=200_000.0,
            deposit_from=deposit_from,  # type: ignore[arg-type]
            reserve_from=reserve_from,  # type: ignore[arg-type]
            withdraw_above=0.4,
        ),
        financing=hr.Financing(cash=0.03, borrow=0.08, staking=0.02),
    )
    units: dict[str, float] = {}
    for entry in done.ledger:
        units[entry.unit] = units.get(entry.unit, 0.0) + entry.cash
    (account,) = done.accounts
    last = account.series.row(-1, named=True)
    money = units["USDT"] + abs(last["in_transit"]) + last["unrealised"]
    worth = money + units["BTC"] * done.series["spot"][-1]
    assert done.ledger.of(EntryKind.TOP_UP)
    assert done.ledger.of(EntryKind.WITHDRAWAL)
    assert worth == pytest.approx(done.series["worth"][-1], rel=1e-12)


def test_a_mark_known_only_at_the_close_counts_for_margin() -> None:
    mark = bars(np.full(HOURS, PRICE))
    close = mark.close.copy()
    close[40] = 61_000.0
    nothing = np.full(HOURS, np.nan)
    only_close = replace(mark, open=nothing, high=nothing, low=nothing, close=close)
    done = run(market(mark=(only_close,)))
    assert done.liquidations[0].time == FIRST + 40 * HOUR


def test_flows_that_take_out_what_lies_in_an_account_are_refused() -> None:
    flows = (hr.Flow(time=START + timedelta(hours=30), amount=-7.0),)
    book = hr.Book([hr.Holding("BTC", 10.0, flows=flows), hr.Holding("USDT", 150_000.0)])
    chosen = hr.Hedge(book, instrument=PERP, venue="binance", policy=hr.Hold())
    world = hr.Replay(market(), "2024-01-01", "2024-01-04")
    margin = hr.Margin(collateral="USDT", deposit=100_000.0)
    assert hr.run(chosen, world, margin=margin).ledger.of(EntryKind.FLOW)
    spent = (hr.Flow(time=START + timedelta(hours=30), amount=-60_000.0),)
    poor = hr.Book([hr.Holding("BTC", 10.0), hr.Holding("USDT", 150_000.0, flows=spent)])
    chosen = hr.Hedge(poor, instrument=PERP, venue="binance", policy=hr.Hold())
    with pytest.raises(hr.ConfigError, match="100000 of it lie in accounts"):
        hr.run(chosen, world, margin=margin)


def test_a_gap_through_bankruptcy_costs_no_more_than_the_deposit() -> None:
    close = np.full(HOURS, PRICE)
    close[41:] = 90_000.0
    perp = bars(close)
    opening = perp.open.copy()
    opening[41] = 90_000.0  # no trade on the way
    perp = replace(perp, open=opening, low=np.minimum(opening, close))
    sold = (hr.Flow(time=START + timedelta(hours=40), amount=-10.0),)
    book = hr.Book([hr.Holding("BTC", 10.0, flows=sold)])
    done = hr.run(
        hr.Hedge(book, instrument=PERP, venue="binance", policy=hr.Band(half_width=0.0)),
        hr.Replay(market(perp=perp), "2024-01-01", "2024-01-04"),
        margin=MARGIN,
        **FREE,  # type: ignore[arg-type]
    )
    assert [each.price for each in done.liquidations] == [90_000.0] * len(done.liquidations)
    assert done.liquidations
    assert len(done.ledger.of(EntryKind.FILL)) == 1  # the closing order was cancelled
    assert done.series["hedged"].to_numpy().min() >= -200_000.0
    assert any("cancelled by a venue" in stamp for stamp in done.stamps)


def test_a_borrowed_deposit_that_comes_back_makes_no_credit_line() -> None:
    done = hr.run(
        hedge(),
        hr.Replay(
            market(perp=bars(np.linspace(PRICE, 30_000.0, HOURS))), "2024-01-01", "2024-01-04"
        ),
        margin=hr.Margin(
            collateral="USDT",
            deposit=200_000.0,
            deposit_from="borrowed",
            reserve_from="borrowed",
            withdraw_above=0.3,
        ),
    )
    arrived = sum(e.cash for e in done.ledger.of(EntryKind.ARRIVAL))
    last = done.accounts[0].series.row(-1, named=True)
    assert last["debt"] == 0.0
    assert last["reserve"] == pytest.approx(arrived - 200_000.0)  # profit, not credit


def test_the_mean_of_a_bar_as_a_fill_leaves_no_drift_in_the_basis() -> None:
    path = PRICE * np.exp(np.linspace(0.0, 0.3, HOURS))
    done = hr.run(
        hedge(),
        hr.Replay(market(spot=bars(path), perp=bars(path)), "2024-01-01", "2024-01-04"),
        margin=hr.Margin(collateral="USDT", deposit=1_000_000.0),
        execution=hr.Execution(fill="next_mean", half_spread=0.0),
    )
    assert done.pnl.hedge_basis == pytest.approx(0.0, abs=1e-6)


def test_the_loss_of_a_gap_is_what_the_book_lost_not_what_the_venue_bore() -> None:
    close = np.full(HOURS, PRICE)
    close[41:] = 90_000.0
    perp = bars(close)
    opening = perp.open.copy()
    opening[41] = 90_000.0
    done = run(market(perp=replace(perp, open=opening, low=np.minimum(opening, close))))
    lost = sum(each.loss for each in done.liquidations)
    funding = sum(e.cash for e in done.ledger.of(EntryKind.FUNDING) if e.time <= FIRST + 41 * HOUR)
    assert lost == pytest.approx(200_000.0 + funding)


def test_hedges_that_ask_twice_for_one_asset_are_refused() -> None:
    with pytest.raises(hr.ConfigError, match=r"ask for 2 times its exposure"):
        hr.Job(hedges=[hedge(), hedge()], margins=[replace(MARGIN, mode="cross")])
    halves = [hedge(ratio=0.5), hedge(ratio=0.5)]
    with pytest.raises(hr.ConfigError, match="hedged twice from account 'main'"):
        hr.Job(hedges=halves, margins=[replace(MARGIN, mode="cross")])


def test_a_withdrawal_is_worth_a_transfer() -> None:
    falling = np.linspace(PRICE, 25_000.0, HOURS)
    done = hr.run(
        hedge(),
        hr.Replay(market(spot=bars(falling), perp=bars(falling)), "2024-01-01", "2024-01-04"),
        margin=hr.Margin(collateral="USDT", deposit=200_000.0, withdraw_above=0.5),
    )
    sent = [-entry.cash for entry in done.ledger.of(EntryKind.WITHDRAWAL)]
    assert sent
    assert min(sent) >= 0.01 * 10.0 * 25_000.0


def two_assets() -> hr.MemorySource:
    random = np.random.default_rng(11)
    prices: dict[tuple[str, str, PriceKind], tuple[Bars, ...]] = {}
    for base, level in (("BTC", PRICE), ("ETH", 2_000.0)):
        path = bars(level * np.exp(np.cumsum(random.normal(0.0, 0.004, HOURS))))
        prices["binance", f"{base}/USDT", PriceKind.TRADE] = (path,)
        prices["binance", f"{base}/USDT:USDT", PriceKind.TRADE] = (path,)
    rates = funding(EVERY_8_HOURS)
    return hr.MemorySource(
        name="by hand",
        prices=prices,
        settlements={("binance", f"{base}/USDT:USDT"): rates for base in ("BTC", "ETH")},
    )


def test_hedges_of_one_run_may_follow_different_policies() -> None:
    mined = tuple(hr.Flow(time=START + timedelta(hours=h), amount=3.0) for h in range(2, 90, 4))
    holdings = {"BTC": hr.Holding("BTC", 10.0), "ETH": hr.Holding("ETH", 100.0, flows=mined)}
    policies: dict[str, hr.Policy] = {"BTC": hr.Hold(), "ETH": hr.Band(half_width=0.05)}
    world = hr.Replay(two_assets(), "2024-01-01", "2024-01-04")

    def hedged(book: hr.Book, *names: str) -> hr.Run:
        hedges = [
            hr.Hedge(
                book,
                instrument=f"{name}/USDT:USDT",
                venue="binance",
                policy=policies[name],
                account=name,
            )
            for name in names
        ]
        margins = [hr.Margin(name=name, collateral="USDT", deposit=300_000.0) for name in names]
        return hr.run(hedges, world, margin=margins)

    alone = [hedged(hr.Book([holdings[name]]), name) for name in ("BTC", "ETH")]
    both = hedged(hr.Book(list(holdings.values())), "BTC", "ETH")
    assert both.pnl.total == pytest.approx(sum(run.pnl.total for run in alone), rel=1e-9)
    assert both.trades == sum(run.trades for run in alone)
    assert alone[0].trades == 1
    assert alone[1].trades > 5
    assert both.provenance.policy == "hold; band, half width 0.05, to edge"
