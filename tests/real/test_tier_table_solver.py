"""All recorded tier tables of Binance: their amounts, and a liquidation price on each."""

import csv
import gzip
import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from hedgerow.margin.bracket_table import maintenance_amounts
from hedgerow.margin.liquidation import liquidation_prices
from hedgerow.margin.margin_account import isolated
from hedgerow.margin.position import Position
from hedgerow.margin.terms import MarginTerms
from hedgerow.market.venue import MarginTier


@pytest.fixture(scope="module")
def tables() -> dict[str, tuple[MarginTier, ...]]:
    """Return the recorded brackets by symbol, or skip."""
    folder = os.environ.get("HEDGEROW_DATA_DIR")
    if folder is None:
        pytest.skip("HEDGEROW_DATA_DIR names no folder of recorded market data")
    found: dict[str, list[MarginTier]] = defaultdict(list)
    path = Path(folder) / "margin/binance_um_leverage_tiers_20241024.csv.gz"
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            found[row["symbol"]].append(
                MarginTier(
                    floor=Decimal(row["min_notional"]),
                    cap=Decimal(row["max_notional"]),
                    rate=Decimal(row["mm_rate"]),
                    amount=Decimal(row["mm_cum"]),
                    max_leverage=Decimal(row["max_leverage"]),
                )
            )
    return {symbol: tuple(tiers) for symbol, tiers in found.items()}


def binance_formula(held: Position, wallet: float) -> tuple[MarginTier, float] | None:
    """Return the bracket and price of Binance's published formula, bracket by bracket."""
    size, side = abs(held.size), held.side
    for tier in held.terms.tiers:
        rate, amount = float(tier.rate), float(tier.amount)
        price = (wallet + amount - side * size * held.entry) / (size * rate - side * size)
        if float(tier.floor) < size * price <= float(tier.cap):
            return tier, price
    return None


def test_every_table_is_continuous(tables: dict[str, tuple[MarginTier, ...]]) -> None:
    assert len(tables) == 349
    for symbol, tiers in tables.items():
        amounts = maintenance_amounts([t.floor for t in tiers], [t.rate for t in tiers])
        found = [float(tier.amount) for tier in tiers]
        assert found == pytest.approx([float(one) for one in amounts], rel=1e-9), symbol


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_on_every_table_the_formula_of_its_bracket_holds(
    tables: dict[str, tuple[MarginTier, ...]], side: float
) -> None:
    checked = 0
    for number, (symbol, tiers) in enumerate(tables.items()):
        base = symbol.split("/")[0]
        terms = MarginTerms(symbol=symbol, asset=base, settle="USDT", tiers=tiers)
        tier = tiers[number % len(tiers)]
        entry = 0.001 * (number + 1)
        notional = 0.3 * float(tier.floor) + 0.7 * float(tier.cap)
        held = Position(terms=terms, size=side * notional / entry, entry=entry)
        deposit = 1.5 * notional / float(tier.max_leverage)
        published = binance_formula(held, deposit)
        found = liquidation_prices(isolated(held, deposit))[0]
        if published is None:  # beyond the last bracket, or never
            continue
        assert found.price == pytest.approx(published[1], rel=1e-9), symbol
        assert found.bracket == published[0], symbol
        checked += 1
    assert checked > 300
