"""A venue that settles open profit every day, held against books that realise it at the trade."""

import asyncio
import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from hedgerow.adapters.journal.opening import open_journal
from hedgerow.cli.reconcile import reconcile
from hedgerow.kernels.contract import after_fill
from hedgerow.ledger.entry import EntryKind, LedgerEntry
from hedgerow.ledger.journal import Draft
from hedgerow.live.entries import entry_draft
from hedgerow.units import DAY, HOUR, SECOND

MIDNIGHT = 1_709_683_200 * SECOND  # 2024-03-06
PERP = "BTC/USD:BTC"
HEADER = (
    "ID,UserSeq,Date,Instrument,Type,Side,Amount,Base Amount,Position,Price,Mark Price,Index Price,"
    "Cash Flow,Funding,Fee Rate,Fee Charged,Fee Balance,Change,Balance,Equity,Trade ID,Order ID,"
    "Info,Note"
)
TRADES = (  # time, face, price: a short that is held over three settlements
    (10 * HOUR, -100_000, 60_000),
    (DAY + 15 * HOUR, 30_000, 60_500),
    (2 * DAY + 12 * HOUR, -20_000, 58_750),
)
SETTLED = ((DAY + 8 * HOUR, 61_000), (2 * DAY + 8 * HOUR, 59_000), (3 * DAY + 8 * HOUR, 59_400))
FUNDING = (Fraction(1, 1000), Fraction(-3, 10_000), Fraction(7, 100_000))
FEE = Fraction(5, 10_000)


def worth(face: int, price: int) -> Fraction:
    return Fraction(face, price)


def session(number: int) -> Fraction:
    """Return what the venue pays at a settlement, by its definition: all of it marked there."""
    begin = SETTLED[number - 1] if number else (SETTLED[0][0] - DAY, 0)
    end, price = SETTLED[number]
    held = sum(face for time, face, _ in TRADES if time <= begin[0])
    made = worth(held, begin[1]) - worth(held, price) if held else Fraction(0)
    for time, face, paid in TRADES:
        if begin[0] < time <= end:
            made += worth(face, paid) - worth(face, price)
    return made


def journal(folder: Path, *, marks: bool = True) -> str:
    """Write what a desk books: profit by its average entry, funding at the settlement."""
    entries = [entry(0, EntryKind.OPENING, cash=10.0)]
    size, average = 0.0, 1.0
    for time, face, price in TRADES:
        filled = after_fill(size, average, float(face), float(price), True)
        size, average = size + face, filled.entry
        fee = -float(abs(worth(face, price)) * FEE)
        entries.append(
            entry(
                time,
                EntryKind.FILL,
                quantity=face / price,
                price=float(price),
                realised=filled.realised,
                fee=fee,
                cash=filled.realised + fee,
            )
        )
    for (time, price), paid in zip(SETTLED, FUNDING, strict=True):
        known = float(price) if marks else 0.0
        entries.append(entry(time, EntryKind.FUNDING, price=known, cash=float(paid)))
    path = str(folder / "desk.journal")
    drafts = [Draft(time=MIDNIGHT, kind="opened", body={})]
    drafts += [entry_draft(one) for one in sorted(entries, key=lambda one: one.time)]

    async def write() -> None:
        kept = open_journal(path)
        await kept.open("test")
        await kept.append(drafts)
        await kept.close()

    asyncio.run(write())
    return path


def entry(after: int, kind: EntryKind, **numbers: float) -> LedgerEntry:
    plain = {"quantity": 0.0, "price": 1.0, "cash": 0.0, "fee": 0.0, "realised": 0.0, "value": 0.0}
    return LedgerEntry(
        time=MIDNIGHT + after,
        kind=kind,
        instrument="" if kind is EntryKind.OPENING else PERP,
        account="main",
        unit="BTC",
        note="",
        **plain | numbers,
    )


def digits(amount: Fraction) -> Decimal:
    return round(Decimal(amount.numerator) / Decimal(amount.denominator), 8)


def statement(folder: Path, days: Sequence[int], error: str = "0") -> Path:
    """Write the venue's log of some days, newest first; its first settlement may be wrong."""
    rows = []
    for time, face, price in TRADES:
        fee = digits(abs(worth(face, price)) * FEE)
        rows.append((time, f"trade,open,{abs(face)},-,-,{price},{price},{price},0,0", fee, -fee))
    for number, (time, price) in enumerate(SETTLED):
        made = digits(session(number)) + (Decimal(error) if time // DAY == days[0] else 0)
        paid = digits(FUNDING[number])
        middle = f"settlement,short,-,-,-,{price},{price},{price},{made},{paid}"
        rows.append((time, middle, Decimal(0), made + paid))
    lines = [HEADER]
    for number, (time, middle, fee, change) in enumerate(sorted(rows, reverse=True)):
        if time // DAY not in days:
            continue
        stamp = f"2024-03-{6 + time // DAY:02} {time % DAY // HOUR:02}:00:00"
        cells = f"{number},{number},{stamp},BTC-PERPETUAL,{middle},0.0005,{fee},0,{change},1,1"
        lines.append(f"{cells},-,-,-,-")
    path = folder / "transaction_log-10001-BTC-2024.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(*words: str | Path) -> Result:
    app = typer.Typer()
    app.command()(reconcile)
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("days", [(1,), (2,), (3,), (0, 1, 2, 3), (1, 2)])
def test_a_day_with_an_open_position_is_explained_to_the_cent(
    days: Sequence[int], tmp_path: Path
) -> None:
    done = run(journal(tmp_path), "--statement", statement(tmp_path, days), "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 0, done.output
    totals = {total["flow"]: total for total in found["totals"]}
    paid = [n for n, (time, _) in enumerate(SETTLED) if time // DAY in days]
    assert Decimal(totals["realised"]["journal"]) == pytest.approx(
        sum(digits(session(number)) for number in paid), abs=Decimal("1e-7")
    )
    assert totals["realised"]["matched"] == len(paid)


def test_a_settlement_that_paid_something_else_is_named(tmp_path: Path) -> None:
    done = run(journal(tmp_path), "--statement", statement(tmp_path, (2,), "0.00001"), "--json")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    (theirs,), (ours,) = found["only_in_statement"], found["only_in_journal"]
    assert Decimal(theirs["amount"]) - Decimal(ours["amount"]) == pytest.approx(
        Decimal("0.00001"), abs=Decimal("1e-7")
    )
    assert "at 59000" in ours["where"]


def test_a_session_whose_first_price_nobody_knows_is_not_made_up(tmp_path: Path) -> None:
    path = journal(tmp_path, marks=False)
    alone = run(path, "--statement", statement(tmp_path, (2,)), "--json")
    assert alone.exit_code == 1
    assert len(json.loads(alone.stdout)["only_in_statement"]) == 1
    both = run(path, "--statement", statement(tmp_path, (1, 2)), "--day", "2024-03-08")
    assert both.exit_code == 0, both.output
