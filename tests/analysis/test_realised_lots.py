"""Realised lots: first in first out, equal in total to average cost whenever flat."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.analysis.lots import Lot, lots, lots_frame, match
from hedgerow.ledger import EntryKind, LedgerEntry
from hedgerow.units import HOUR
from sample_run import sample_run

LINEAR, INVERSE = "BTC/USDT:USDT", "BTC/USD:BTC"


def trade(hour: int, quantity: float, price: float, *, symbol: str = LINEAR) -> LedgerEntry:
    return LedgerEntry(
        time=hour * HOUR,
        kind=EntryKind.FILL,
        instrument=symbol,
        account="a",
        quantity=quantity,
        price=price,
        cash=0.0,
        fee=-abs(quantity) * (price * 0.001 if symbol == LINEAR else 0.001),
        realised=0.0,
        unit="USDT" if symbol == LINEAR else "BTC",
        value=0.0,
        note="",
    )


def test_the_oldest_size_is_closed_first() -> None:
    first, second = match([trade(0, -2, 100), trade(1, -1, 110), trade(2, 2.5, 90)])
    assert (first.opened, first.size, first.realised) == (0, 2.0, 20.0)
    assert (second.opened, second.size, second.realised) == (HOUR, 0.5, 10.0)
    assert first.side == "short"


def test_a_trade_through_zero_closes_and_opens() -> None:
    (closed, reopened) = match([trade(0, 1, 100), trade(1, -3, 120), trade(2, 2, 110)])
    assert (closed.side, closed.realised) == ("long", 20.0)
    assert (reopened.side, reopened.opened, reopened.realised) == ("short", HOUR, 20.0)


def test_an_inverse_lot_is_a_face_in_quote_and_pays_coins() -> None:
    (lot,) = match([trade(0, -1.0, 50_000, symbol=INVERSE), trade(1, 2.0, 25_000, symbol=INVERSE)])
    assert (lot.size, lot.size_unit, lot.unit) == (50_000.0, "USD", "BTC")
    assert lot.realised == pytest.approx(1.0)  # 50,000 USD short from 50,000 to 25,000
    assert lot.fees == pytest.approx(-0.003)


def test_fees_go_with_the_size_they_were_paid_for() -> None:
    (lot,) = match([trade(0, -4, 100), trade(1, 1, 200)])
    assert lot.fees == pytest.approx(-(0.1 + 0.2))


def test_accounts_and_instruments_do_not_close_each_other() -> None:
    other = trade(1, 1, 100)._replace(account="b")
    assert match([trade(0, -1, 100), other, trade(2, 1, 100, symbol=INVERSE)]) == ()


def average_cost(trades: list[tuple[int, int]], *, inverse: bool) -> Decimal:
    """Return the realised profit at average cost, sizes in whole lots, in exact decimals."""
    held, worth, realised = Decimal(0), Decimal(0), Decimal(0)  # worth: held at entry
    for lots_moved, price in trades:
        size, value = Decimal(lots_moved), 1 / Decimal(price) if inverse else Decimal(price)
        closing = min(abs(size), abs(held)) if size * held < 0 else Decimal(0)
        if closing:
            sign = Decimal(1) if held > 0 else Decimal(-1)
            entry = worth / held
            gain = entry - value if inverse else value - entry
            realised += sign * closing * gain
            worth -= sign * closing * entry
            held -= sign * closing
            size += sign * closing
        worth += size * value
        held += size
    return realised


moves = st.lists(
    st.tuples(st.integers(-50, 50).filter(bool), st.integers(10, 500)), min_size=1, max_size=40
)


@given(moves, st.integers(10, 500), st.booleans())
def test_when_flat_first_in_first_out_and_average_cost_agree(
    trades: list[tuple[int, int]], last: int, inverse: bool
) -> None:
    held = sum(size for size, _ in trades)
    whole = [*trades, (-held, last)] if held else trades
    symbol = INVERSE if inverse else LINEAR
    entries = [
        trade(hour, size / price if inverse else float(size), float(price), symbol=symbol)
        for hour, (size, price) in enumerate(whole)
    ]
    found = match(entries)
    expected = float(average_cost(whole, inverse=inverse))
    assert sum(lot.realised for lot in found) == pytest.approx(expected, rel=1e-9, abs=1e-7)
    assert sum(lot.fees for lot in found) == pytest.approx(sum(e.fee for e in entries), rel=1e-9)


@given(moves)
def test_lots_are_positive_and_closed_after_they_were_opened(trades: list[tuple[int, int]]) -> None:
    found = match([trade(hour, size, price) for hour, (size, price) in enumerate(trades)])
    assert all(lot.size > 0.0 and lot.closed > lot.opened for lot in found)
    closed = sum(lot.size for lot in found)
    bought = sum(max(size, 0) for size, _ in trades)
    sold = sum(max(-size, 0) for size, _ in trades)
    assert closed == min(bought, sold)


@given(st.lists(st.floats(0.001, 5.0), min_size=2, max_size=30))
def test_rounding_leaves_no_dust_behind(sizes: list[float]) -> None:
    opened = [trade(hour, -size, 100.0) for hour, size in enumerate(sizes)]
    closing = trade(100, sum(sizes), 90.0)
    found = match([*opened, closing, trade(101, 1.0, 80.0), trade(102, -1.0, 80.0)])
    assert len(found) == len(sizes) + 1
    assert found[-1].side == "long"


def test_the_lots_of_the_sample_are_its_ledger_once_it_is_flat() -> None:
    run = sample_run()
    until = run.liquidations[0].time  # the position is zero after it
    booked = [e for e in run.ledger.of(EntryKind.FILL, EntryKind.LIQUIDATION) if e.time <= until]
    closed = [lot for lot in lots(run) if lot.closed <= until]
    assert sum(lot.realised for lot in closed) == pytest.approx(
        sum(entry.realised for entry in booked), rel=1e-9
    )
    assert sum(lot.fees for lot in closed) == pytest.approx(sum(entry.fee for entry in booked))
    assert {lot.closed_by for lot in closed} == {"liquidation"}


def test_the_frame_has_a_column_for_each_field() -> None:
    frame = lots_frame(lots(sample_run()))
    assert tuple(frame.columns) == Lot._fields
    assert lots_frame(()).height == 0
    assert lots_frame(()).schema == frame.schema


def test_a_loss_the_venue_bears_closes_no_lot() -> None:
    run = sample_run()
    borne = trade(0, 0.0, 1.0)._replace(kind=EntryKind.LIQUIDATION, instrument="", price=math.nan)
    before = lots(run)
    run.ledger.append(borne)
    assert lots(run) == before
