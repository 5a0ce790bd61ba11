"""Every guard trips, resets, and says what to do."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from hedgerow.execution.order import (
    AccountSnapshot,
    FundingReport,
    Listing,
    PositionReport,
)
from hedgerow.execution.port import Facts, Failure, QuoteReport, StreamReport
from hedgerow.live.guards.base import Guard, Verdict
from hedgerow.live.guards.clock_drift import ClockDrift
from hedgerow.live.guards.desk_guards import desk_guards
from hedgerow.live.guards.error_rate import ErrorRate
from hedgerow.live.guards.funding_spike import FundingSpike
from hedgerow.live.guards.headroom import LeastHeadroom
from hedgerow.live.guards.interval_changed import IntervalChanged
from hedgerow.live.guards.journal import JournalWritable
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.loss import Loss
from hedgerow.live.guards.measures import Discrepancies, Equity, Headroom, Requested, Unresolved
from hedgerow.live.guards.order_unknown import OrderUnknown
from hedgerow.live.guards.places import Places
from hedgerow.live.guards.position_differs import PositionDiffers
from hedgerow.live.guards.price_divergence import PriceDivergence
from hedgerow.live.guards.settlement_missing import SettlementMissing
from hedgerow.live.guards.stablecoin_peg import StablecoinPeg, peg_pairs
from hedgerow.live.guards.stale_stream import StaleStream
from hedgerow.live.signals import (
    CallFailed,
    Checked,
    Clock,
    Fetched,
    JournalBack,
    JournalFailed,
)
from hedgerow.units import DAY, HOUR, MINUTE, SECOND

NOON = 1_709_726_400 * SECOND
PERP, COIN = "BTC/USDT:USDT", "BTC/USD:BTC"


def listing(venue: str, symbol: str, account: str = "main") -> Listing:
    return Listing(
        venue=venue,
        account=account,
        symbol=symbol,
        tick=Decimal("0.1"),
        lot=Decimal("0.001"),
        inverse=symbol == COIN,
    )


LEGS = (listing("binance", PERP), listing("okx", PERP, "second"), listing("bybit", COIN, "third"))
PLACES = Places(LEGS)
LIMITS = GuardLimits()
EMPTY = QuoteReport(venue="binance", symbol=PERP, time=NOON, received=NOON)


def quote(after: int = 0, **numbers: float | str) -> QuoteReport:
    """Return a quote received `after` noon."""
    stamps = {"time": NOON + after, "received": NOON + after}
    return replace(EMPTY, **{**stamps, **numbers})  # type: ignore[arg-type]


def facts(offset: float = 0.0, hours: float = 8.0, venue: str = "binance") -> Facts:
    return Facts(
        venue=venue,
        account="main",
        one_way=True,
        margin_mode={},
        leverage={},
        maker={},
        taker={},
        clock_offset=offset,
        listings={},
        may_trade=True,
        may_withdraw=False,
        interval_hours={PERP: hours},
    )


def failed(after: int, failure: Failure, call: str = "place", client_id: str = "") -> CallFailed:
    return CallFailed(
        time=NOON + after,
        venue="binance",
        account="main",
        call=call,
        failure=failure,
        reason="no answer",
        client_id=client_id,
        symbol=PERP,
    )


def seconds(guard: Guard, first: int, last: int) -> Iterator[Verdict]:
    """Yield a guard's verdict of every second after noon."""
    for second in range(first, last + 1):
        yield guard.verdict(NOON + second * SECOND)


def test_a_stream_trips_at_its_own_age_limit() -> None:
    guard = StaleStream(Places(LEGS[:1]), LIMITS)
    guard.observe(quote(bid=59_999.0, ask=60_001.0, mark=60_000.0))
    guard.observe(quote(8 * SECOND, mark=60_000.0))
    assert not guard.verdict(NOON + 10 * SECOND).tripped
    stale = guard.verdict(NOON + 11 * SECOND)
    assert stale.tripped
    assert stale.legs == {0}
    assert "last best prices is 11 s old" in stale.message
    assert "mark" not in stale.message.split("Only")[0]
    assert "status page" in stale.message
    guard.observe(quote(12 * SECOND, bid=59_999.0, ask=60_001.0))
    assert not guard.verdict(NOON + 12 * SECOND).tripped


def test_a_symbol_that_never_spoke_is_stale_after_the_grace() -> None:
    guard = StaleStream(PLACES, LIMITS)
    guard.observe(Clock(time=NOON))
    assert not guard.verdict(NOON + 10 * SECOND).tripped
    assert guard.verdict(NOON + 11 * SECOND).legs == {0, 1, 2}


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (60_010.0, "agrees with the last 60,000 of the stream (+0.017%)"),
        (57_000.0, "differs from the last 60,000 of the stream (-5.000%)"),
    ],
)
def test_a_silent_stream_is_cross_checked_by_request(shown: float, words: str) -> None:
    guard = StaleStream(Places(LEGS[:1]), LIMITS)
    guard.observe(quote(mark=60_000.0))
    guard.observe(Requested(time=NOON, quote=quote(20 * SECOND, mark=shown)))
    stale = guard.verdict(NOON + 20 * SECOND)
    assert stale.tripped
    assert words in stale.message
    assert "only the stream is silent" in stale.message


def test_a_stream_that_is_down_stays_tripped_though_requests_are_answered() -> None:
    guard = StaleStream(Places(LEGS[:1]), LIMITS)
    guard.observe(quote(mark=60_000.0))
    down = StreamReport(venue="binance", stream="quotes", alive=False, time=NOON, reason="silent")
    guard.observe(down)
    guard.observe(quote(6 * SECOND, mark=60_006.0))
    stale = guard.verdict(NOON + 6 * SECOND)
    assert stale.venues == {"binance"}
    assert "quotes is down for 6 s (silent)" in stale.message
    assert "agrees with the last 60,000" in stale.message
    guard.observe(replace(down, alive=True, time=NOON + 7 * SECOND))
    guard.observe(quote(7 * SECOND, mark=60_006.0))
    assert guard.verdict(NOON + 7 * SECOND) == Verdict(tripped=False)


def test_mark_against_index_trips_after_a_minute_and_resets_after_a_minute() -> None:
    guard = PriceDivergence(Places(LEGS[:1]), LIMITS)
    for second in range(300):
        mark = 60_900.0 if 10 <= second < 130 else 60_000.0
        guard.observe(quote(second * SECOND, mark=mark, index=60_000.0))
        verdict = guard.verdict(NOON + second * SECOND)
        assert verdict.tripped == (70 <= second < 190), second
        if verdict.tripped:
            assert verdict.legs == {0}
            assert "mark against index" in verdict.message
            assert "other venues" in verdict.message


def test_a_wick_does_not_trip() -> None:
    guard = PriceDivergence(Places(LEGS[:1]), LIMITS)
    for second in range(300):
        last = 55_000.0 if second % 50 < 40 else 60_000.0
        guard.observe(quote(second * SECOND, mark=60_000.0, last=last))
        assert not guard.verdict(NOON + second * SECOND).tripped


def test_of_three_venues_the_one_away_from_the_median_is_wrong() -> None:
    guard = PriceDivergence(PLACES, LIMITS)
    for second in range(61):
        guard.observe(quote(second * SECOND, mark=60_000.0))
        guard.observe(quote(second * SECOND, venue="okx", mark=58_000.0))
        guard.observe(quote(second * SECOND, venue="bybit", symbol=COIN, mark=60_010.0))
        verdict = guard.verdict(NOON + second * SECOND)
    assert verdict.legs == {1}


def test_of_two_venues_nobody_knows_which_is_wrong() -> None:
    guard = PriceDivergence(Places(LEGS[:2]), LIMITS)
    for second in range(61):
        guard.observe(quote(second * SECOND, mark=60_000.0))
        guard.observe(quote(second * SECOND, venue="okx", mark=58_000.0))
        verdict = guard.verdict(NOON + second * SECOND)
    assert verdict.legs == {0, 1}


def test_a_price_that_no_longer_comes_does_not_lock_the_divergence() -> None:
    guard = PriceDivergence(Places(LEGS[:1]), LIMITS)
    guard.observe(quote(mark=66_000.0, index=60_000.0))
    assert [verdict.tripped for verdict in seconds(guard, 0, 100)][-1]
    assert not [verdict.tripped for verdict in seconds(guard, 101, 200)][-1]


def test_a_stablecoin_off_its_peg_trips_the_legs_it_backs() -> None:
    # USDC/USDT in March 2023 fell below 0.90 within hours.
    guard = StablecoinPeg(PLACES, LIMITS)
    for second in range(0, 1_200, 10):
        price = 0.88 if second < 300 else 0.999
        guard.observe(
            quote(second * SECOND, symbol="USDC/USDT", bid=price - 0.0001, ask=price + 0.0001)
        )
        verdict = guard.verdict(NOON + second * SECOND)
        assert verdict.tripped == (120 <= second < 900), second
        if verdict.tripped:
            assert verdict.legs == {0, 1}
            assert "USDC or USDT is collateral" in verdict.message
            assert ("0.8800, -12.00% off" in verdict.message) == (second < 300)


@pytest.mark.parametrize(
    ("price", "worth"),
    [(0.88, {"USDC": 0.88}), (1.25, {"USDT": 0.8}), (1.004, {})],
)
def test_the_cheaper_of_two_dollars_is_the_one_that_is_worth_less(
    price: float, worth: dict[str, float]
) -> None:
    guard = StablecoinPeg(PLACES, LIMITS)
    for second in range(0, 200, 10):
        guard.observe(quote(second * SECOND, symbol="USDC/USDT", last=price))
        guard.verdict(NOON + second * SECOND)
    assert guard.worth == worth


def test_a_coin_that_no_pair_tells_of_is_named_and_trips_only_where_that_is_asked_for() -> None:
    plain, strict = (
        StablecoinPeg(PLACES, replace(LIMITS, peg_required=asked)) for asked in (False, True)
    )
    for guard in (plain, strict):
        assert not guard.verdict(NOON).tripped
    later = NOON + 121 * SECOND
    assert not plain.verdict(later).tripped
    assert "has no data for USDT" in plain.unheard(later)
    assert strict.verdict(later).legs == {0, 1}
    for guard in (plain, strict):
        guard.observe(quote(121 * SECOND, symbol="USDC/USDT", last=1.0001))
        assert not guard.verdict(later).tripped
        assert not guard.unheard(later)


def test_the_usual_pair_is_asked_for_where_a_leg_is_in_one_of_its_coins() -> None:
    legs = [
        replace(LEGS[0], venue=venue, symbol=symbol)
        for venue, symbol in (
            ("binance", "BTC/USDT:USDT"),
            ("binance", "ETH/USDT:USDT"),
            ("deribit", "BTC/USD:BTC"),
            ("hyperliquid", "BTC/USDC:USDC"),
            ("okx", "BTC/USDC:USDC"),
        )
    ]
    assert peg_pairs(legs, None) == (("binance", "USDC/USDT"), ("okx", "USDC/USDT"))
    assert peg_pairs(legs, {"bybit": "USDC/USDT"}) == (("bybit", "USDC/USDT"),)
    assert peg_pairs(legs, {}) == ()


def test_a_coin_that_backs_nothing_stops_nothing() -> None:
    guard = StablecoinPeg(Places(LEGS[2:]), LIMITS)
    for second in range(200):
        guard.observe(quote(second * SECOND, symbol="USDC/USDT", last=0.9))
        assert not guard.verdict(NOON + second * SECOND).tripped


@pytest.mark.parametrize(
    ("rate", "hours", "words"),
    [
        (0.0031, 8.0, "+0.3100% per 8 h (+339% a year), longs pay"),
        (-0.0003, 1.0, "-0.0300% per 1 h (-263% a year), shorts pay"),
    ],
)
def test_a_funding_spike_trips_by_interval_or_by_year(
    rate: float, hours: float, words: str
) -> None:
    guard = FundingSpike(PLACES, LIMITS)
    guard.observe(quote(funding=rate, interval_hours=hours))
    spike = guard.verdict(NOON)
    assert spike.legs == {0}
    assert words in spike.message
    guard.observe(quote(funding=rate * 0.85))
    assert guard.verdict(NOON).tripped or abs(rate * 0.85) < 0.8 * 0.003
    guard.observe(quote(funding=0.0001 * hours / 8.0))
    assert not guard.verdict(NOON).tripped


def test_a_spike_is_over_only_well_below_its_limit() -> None:
    guard = FundingSpike(PLACES, GuardLimits(funding_per_interval=0.01, funding_per_year=1.0))
    answers = []
    for yearly in (0.99, 1.01, 0.99, 0.81, 0.79, 0.99):
        guard.observe(quote(funding=yearly * 8.0 / 8760.0, interval_hours=8.0))
        answers.append(guard.verdict(NOON).tripped)
    assert answers == [False, True, True, True, False, False]


def test_a_new_interval_is_named_and_believed_when_it_lasts() -> None:
    guard = IntervalChanged(PLACES, LIMITS)
    guard.observe(quote(interval_hours=8.0))
    guard.observe(quote(MINUTE, interval_hours=4.0))
    changed = guard.verdict(NOON + MINUTE)
    assert changed.legs == {0}
    assert "every 4 h, 8 h before" in changed.message
    assert guard.verdict(NOON + 10 * MINUTE).tripped
    assert not guard.verdict(NOON + 11 * MINUTE).tripped
    assert guard.memory() == {f"binance {PERP}": 4.0}


def test_a_new_interval_is_believed_when_a_preflight_or_an_operator_says_so() -> None:
    guard = IntervalChanged(PLACES, LIMITS)
    guard.observe(quote(interval_hours=8.0))
    guard.observe(quote(1, interval_hours=4.0))
    assert guard.verdict(NOON + 2).tripped
    guard.observe(Checked(time=NOON + 3, facts=facts(hours=4.0)))
    assert not guard.verdict(NOON + 3).tripped
    guard.observe(quote(4, interval_hours=1.0))
    assert guard.verdict(NOON + 4).tripped
    guard.pardon(NOON + 5)
    assert not guard.verdict(NOON + 5).tripped


def test_an_interval_that_changed_while_the_desk_was_away_is_named() -> None:
    guard = IntervalChanged(PLACES, LIMITS)
    guard.recall({f"binance {PERP}": 8.0})
    guard.observe(quote(interval_hours=4.0))
    assert guard.verdict(NOON).tripped


def test_headroom_trips_below_its_limit_and_resets_above_it() -> None:
    guard = LeastHeadroom(PLACES, LIMITS)
    answers = []
    for fraction in (1e30, 0.031, 0.029, 0.031, 0.0374, 0.0376, 0.031):
        guard.observe(Headroom(time=NOON, account="second", fraction=fraction))
        answers.append(guard.verdict(NOON))
    assert [answer.tripped for answer in answers] == [
        False, False, True, True, True, False, False,
    ]  # fmt: skip
    assert answers[2].legs == {1}
    assert "Add collateral" in answers[2].message


def test_a_headroom_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        LeastHeadroom(PLACES, LIMITS).observe(
            Headroom(time=NOON, account="main", fraction=float("nan"))
        )


def test_a_loss_within_the_window_trips_and_is_pardoned() -> None:
    guard = Loss(LIMITS)
    for hour, equity in enumerate((100.0, 104.0, 99.0, 98.7)):
        assert not guard.verdict(NOON + hour * HOUR).tripped
        guard.observe(Equity(time=NOON + hour * HOUR, amount=equity))
    lost = guard.verdict(NOON + 3 * HOUR)
    assert lost.tripped
    assert "5.10% below 104.00 within 24 h" in lost.message
    assert not lost.legs
    assert "hedgerow reset loss" in lost.message
    guard.pardon(NOON + 3 * HOUR)
    assert not guard.verdict(NOON + 3 * HOUR).tripped


def test_a_slow_loss_trips_from_the_start_only() -> None:
    guard = Loss(LIMITS)
    for day in range(12):
        guard.observe(Equity(time=NOON + day * DAY, amount=100.0 - day))
        lost = guard.verdict(NOON + day * DAY)
        assert lost.tripped == (day > 10)
    assert "11.00% below 100.00 at the start" in lost.message
    assert "within" not in lost.message


def test_an_old_high_is_forgotten() -> None:
    guard = Loss(LIMITS)
    for hour, equity in ((0, 96.0), (1, 100.0), (20, 96.0), (27, 96.0), (28, 94.0)):
        guard.observe(Equity(time=NOON + hour * HOUR, amount=equity))
    assert not guard.verdict(NOON + 28 * HOUR).tripped


def test_the_loss_outlives_a_restart() -> None:
    before, after = Loss(LIMITS), Loss(LIMITS)
    before.observe(Equity(time=NOON, amount=100.0))
    after.recall(before.memory())
    after.observe(Equity(time=NOON + HOUR, amount=94.0))
    assert after.verdict(NOON + HOUR).tripped


def test_too_many_errors_trip_their_venue_and_half_as_many_reset_it() -> None:
    guard = ErrorRate(LIMITS)
    for second in range(11):
        assert not guard.verdict(NOON + second * SECOND).tripped
        guard.observe(failed(second * SECOND, Failure.UNREACHABLE, "snapshot"))
    bad = guard.verdict(NOON + 11 * SECOND)
    assert bad.venues == {"binance"}
    assert "last one snapshot (unreachable: no answer)" in bad.message
    answers = [verdict.tripped for verdict in seconds(guard, 12, 80)]
    assert answers.index(False) + 12 == 66  # those of 6 to 10 s are still within the minute


def test_a_refusal_is_an_answer() -> None:
    guard = ErrorRate(LIMITS)
    for second in range(50):
        guard.observe(failed(second * SECOND, Failure.REFUSED))
    assert not guard.verdict(NOON + 50 * SECOND).tripped


def test_a_clock_that_is_off_trips_until_it_is_measured_again() -> None:
    guard = ClockDrift(LIMITS)
    guard.observe(Checked(time=NOON, facts=facts(offset=-0.8)))
    off = guard.verdict(NOON)
    assert off.venues == {"binance"}
    assert "-0.800 s from ours" in off.message
    assert "timedatectl" in off.message
    guard.observe(Checked(time=NOON + MINUTE, facts=facts(offset=0.1)))
    assert not guard.verdict(NOON + MINUTE).tripped


def test_a_refused_stamp_trips_and_is_forgotten_after_ten_minutes() -> None:
    guard = ClockDrift(LIMITS)
    guard.observe(failed(0, Failure.CLOCK))
    assert "refused a time stamp" in guard.verdict(NOON + 10 * MINUTE).message
    assert not guard.verdict(NOON + 10 * MINUTE + SECOND).tripped


@pytest.mark.parametrize(("lag", "words"), [(6.0, "6.0 s old"), (-0.9, "0.900 s ahead")])
def test_stamps_that_all_are_off_trip(lag: float, words: str) -> None:
    guard = ClockDrift(LIMITS)
    for second in range(130):
        stamp = NOON + second * SECOND - int(lag * SECOND)
        guard.observe(quote(second * SECOND, mark=1.0, time=stamp))
    assert words in guard.verdict(NOON + 130 * SECOND).message
    for second in range(130, 260):
        guard.observe(quote(second * SECOND, mark=1.0))
    assert not guard.verdict(NOON + 260 * SECOND).tripped


def test_a_few_late_quotes_are_the_network() -> None:
    guard = ClockDrift(LIMITS)
    for second in range(200):
        late = 30 * SECOND if second % 3 else SECOND // 10
        guard.observe(quote(second * SECOND, mark=1.0, time=NOON + second * SECOND - late))
        assert not guard.verdict(NOON + second * SECOND).tripped


def held(amount: str, after: int = 0) -> AccountSnapshot:
    position = PositionReport(symbol=PERP, amount=Decimal(amount), entry=None)
    return AccountSnapshot(
        venue="binance",
        account="main",
        time=NOON + after,
        balances={},
        positions=(position,) if Decimal(amount) else (),
        open_orders=(),
    )


def paid(after: int) -> FundingReport:
    return FundingReport(
        venue="binance",
        account="main",
        symbol=PERP,
        settlement=NOON + after,
        amount=Decimal("0.5"),
        currency="USDT",
    )


def settled(amount: str = "-1", rate: float = 0.0001) -> SettlementMissing:
    """Return a guard that saw a settlement at five past noon."""
    guard = SettlementMissing(PLACES, LIMITS)
    guard.observe(held(amount))
    guard.observe(quote(funding=rate, settlement=NOON + 5 * MINUTE))
    guard.observe(Clock(time=NOON + 5 * MINUTE))
    return guard


def test_a_payment_that_does_not_come_is_missed_and_found() -> None:
    guard = settled()
    assert not guard.verdict(NOON + 20 * MINUTE).tripped
    missing = guard.verdict(NOON + 21 * MINUTE)
    assert missing.legs == {0}
    assert "binance main BTC/USDT:USDT: nothing for 2024-03-06T12:05:00Z" in missing.message
    guard.observe(
        Fetched(
            time=NOON,
            venue="binance",
            account="main",
            symbol=PERP,
            since=0,
            funding=(paid(5 * MINUTE + 8 * SECOND),),
        )
    )
    assert not guard.verdict(NOON + 21 * MINUTE).tripped


def test_a_payment_that_came_first_is_not_missed() -> None:
    guard = SettlementMissing(PLACES, LIMITS)
    guard.observe(held("-1"))
    guard.observe(quote(funding=0.0001, settlement=NOON + 5 * MINUTE))
    guard.observe(paid(5 * MINUTE))
    guard.observe(Clock(time=NOON + 5 * MINUTE))
    assert not guard.verdict(NOON + 30 * MINUTE).tripped


@pytest.mark.parametrize(("amount", "rate"), [("0", 0.0001), ("-1", 0.0)])
def test_nothing_is_expected_of_no_position_or_no_rate(amount: str, rate: float) -> None:
    assert not settled(amount, rate).verdict(NOON + 30 * MINUTE).tripped


def test_an_operator_or_a_day_ends_the_wait() -> None:
    guard = settled()
    assert guard.verdict(NOON + HOUR).tripped
    guard.pardon(NOON + HOUR)
    assert not guard.verdict(NOON + HOUR).tripped
    assert not settled().verdict(NOON + 2 * DAY).tripped


def test_a_position_that_differs_trips_its_leg_until_both_agree() -> None:
    guard = PositionDiffers(PLACES)
    found = Discrepancies(
        time=NOON,
        venue="okx",
        account="second",
        texts=("BTC/USDT:USDT: the venue holds -2, our books -1",),
        symbols=frozenset({PERP}),
    )
    guard.observe(found)
    differs = guard.verdict(NOON)
    assert differs.legs == {1}
    assert "the venue holds -2, our books -1" in differs.message
    guard.observe(replace(found, symbols=frozenset({"DOGE/USDT:USDT"})))
    assert guard.verdict(NOON).legs == {1}
    guard.observe(replace(found, texts=()))
    assert not guard.verdict(NOON).tripped


def test_a_journal_that_fails_trips_until_it_is_back() -> None:
    guard = JournalWritable()
    guard.observe(JournalFailed(time=NOON, reason="database or disk is full"))
    full = guard.verdict(NOON)
    assert "database or disk is full" in full.message
    assert "Free the disk" in full.message
    guard.observe(JournalBack(time=NOON))
    assert not guard.verdict(NOON).tripped


def test_an_order_that_stays_unknown_trips_its_leg_until_the_dealer_knows() -> None:
    guard = OrderUnknown(PLACES, LIMITS)
    guard.observe(Unresolved(time=NOON, orders=(("h1", 0, NOON),)))
    assert not guard.verdict(NOON + 10 * SECOND).tripped
    unknown = guard.verdict(NOON + 11 * SECOND)
    assert unknown.legs == {0}
    assert "h1 for 11 s" in unknown.message
    guard.observe(Unresolved(time=NOON + 12 * SECOND))
    assert not guard.verdict(NOON + 12 * SECOND).tripped


def test_every_guard_is_well_before_it_has_heard_anything() -> None:
    for guard in desk_guards(LEGS, LIMITS):
        assert not guard.verdict(NOON).tripped
        assert guard.name.replace("-", "").isalpha()
