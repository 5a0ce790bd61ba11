"""Portfolio margin: Derive's published tests, and a grid of inverse options in arbitrary precision.

Sources: derivexyz/v2-core, test/risk-managers/unit-tests/PMRM/testAndVerifyScenarios.json; the
parameters of Deribit's article on portfolio margin, valued with mpmath.
"""

from typing import Any

import pytest
from golden_cases import Case, golden

from hedgerow.config.portfolio_file import read_portfolio
from hedgerow.errors import ConfigError
from hedgerow.margin.portfolio.book import (
    FuturePosition,
    OptionPosition,
    PortfolioBook,
    VolatilityShock,
)
from hedgerow.margin.portfolio.derive import DeriveBook, DeriveOption, derive_margin
from hedgerow.margin.portfolio.grid import price_volatility_grid
from hedgerow.margin.portfolio.requirement import ScenarioRule, grid, requirement
from hedgerow.market.instrument import Settlement

FILES = ("margin_derive_pmrm", "margin_pm_grid")
YEAR_SECONDS = 365 * 86_400
PARTS = {
    "initial_margin": "initial",
    "maintenance_margin": "maintenance",
    "oracle_contingency": "oracle_contingency",
    "forward_contingency": "forward_contingency",
    "option_contingency": "option_contingency",
}


def derive_book(inputs: dict[str, Any]) -> DeriveBook:
    """Return the account of a published test, whose numbers are 1e18 fixed point."""

    def one(key: str, default: float) -> float:
        value = inputs.get(key)
        return default if value is None else float(value) / 1e18

    def row(key: str, position: int, default: float) -> float:
        values = inputs.get(key) or []
        return float(values[position]) / 1e18 if position < len(values) else default

    options = []
    for position, seconds in enumerate(inputs.get("OptionExpiries", [])):
        feeds = ("OptionVolConfidences", "ForwardConfidences", "RateConfidences")
        fixed = row("ForwardsFixed", position, 0.0)
        whole = row("Forwards", position, one("SpotPrice", 0.0))
        options.append(
            DeriveOption(
                expiry=str(seconds),
                years=float(seconds) / YEAR_SECONDS,
                strike=row("OptionStrikes", position, 0.0),
                amount=row("OptionAmounts", position, 0.0),
                volatility=row("OptionVols", position, 0.0),
                call=bool(inputs["OptionIsCall"][position]),
                forward=row("ForwardsVariable", position, whole - fixed),
                forward_fixed=fixed,
                rate=row("Rates", position, 0.0),
                confidence=min(row(feed, position, 1.0) for feed in feeds),
            )
        )
    return DeriveBook(
        spot=one("SpotPrice", 0.0),
        stable=one("StablePrice", 1.0),
        cash=one("Cash", 0.0),
        base=one("Base", 0.0),
        perps=one("Perps", 0.0),
        perp_price=one("PerpPrice", one("SpotPrice", 0.0)),
        unrealised=one("UnrealisedPerpPNL", 0.0) + one("UnrealisedFunding", 0.0),
        options=options,
        spot_confidence=one("SpotConfidence", 1.0),
        perp_confidence=one("PerpConfidence", 1.0),
    )


@golden("margin_derive_pmrm")
def test_margin_is_what_derive_publishes(case: Case) -> None:
    book = derive_book(case.inputs)
    found = derive_margin(book)
    size = book.spot * (abs(book.base) + abs(book.perps))
    size += sum(abs(option.amount) for option in book.options) * book.spot + abs(book.cash)
    assert set(case.expected) <= set(PARTS)
    for key in case.expected:
        case.check(getattr(found, PARTS[key]), key, scale=size)


def derive_file(book: DeriveBook) -> dict[str, Any]:
    """Return the file that describes an account."""
    perp = {
        "size": book.perps,
        "mark": book.perp,
        "funding": book.unrealised,
    }
    return {
        "index": book.spot,
        "coins": book.base,
        "cash": book.cash,
        "stable": book.stable,
        "spot_confidence": book.spot_confidence,
        "perp_confidence": book.perp_confidence,
        "rule": {"name": "derive"},
        "future": [perp] if book.perps or book.unrealised else [],
        "option": [
            {
                "quantity": option.amount,
                "strike": option.strike,
                "days": option.years * 365.0,
                "volatility": option.volatility,
                "kind": "call" if option.call else "put",
                "forward": option.forward + option.forward_fixed,
                "forward_fixed": option.forward_fixed,
                "rate": option.rate,
                "confidence": option.confidence,
                "expiry": option.expiry,
            }
            for option in book.options
        ],
    }


@golden("margin_derive_pmrm")
def test_a_file_gives_the_margin_that_derive_publishes(case: Case) -> None:
    book = derive_book(case.inputs)
    file = derive_file(book)
    if not (book.base or book.perps or any(option.amount for option in book.options)):
        with pytest.raises(ConfigError, match="the book is empty"):
            read_portfolio(file, "case")
        return
    asked = read_portfolio(file, "case").requirement()
    size = book.spot * (abs(book.base) + abs(book.perps))
    size += sum(abs(option.amount) for option in book.options) * book.spot + abs(book.cash)
    for key, required in (
        ("initial_margin", asked.initial),
        ("maintenance_margin", asked.maintenance),
    ):
        if key in case.expected:
            case.check(asked.equity - required, key, scale=size)


def inverse_book(case: Case) -> tuple[PortfolioBook, ScenarioRule]:
    inputs = case.inputs
    index = case.number("F0")
    options = [
        OptionPosition(
            quantity=float(row["qty"]),
            strike=float(row["K"]),
            years=float(row["T"]),
            volatility=float(row["vol"]),
            call=bool(row["call"]),
            inverse=True,
        )
        for row in inputs.get("options", [])
    ]
    face = case.number("inverse_future_usd", 0.0)
    futures = [FuturePosition(size=face, mark=index, settlement=Settlement.INVERSE)]
    shock = VolatilityShock(
        up=case.number("vol_up"),
        down=case.number("vol_down"),
        short_power=case.number("power_short", 0.3),
        long_power=case.number("power_long", 0.13),
    )
    rule = ScenarioRule(
        name="case",
        scenarios=price_volatility_grid(case.number("price_range"), int(case.number("buckets", 9))),
        shock=shock,
        numeraire="coin",
    )
    return PortfolioBook(index=index, futures=futures if face else (), options=options), rule


@golden("margin_pm_grid")
def test_every_cell_of_the_grid_comes_out(case: Case) -> None:
    book, rule = inverse_book(case)
    table = grid(book, rule)
    cells = {(round(row.price_move, 9), row.volatility): row.profit for row in table.rows}
    wanted = case.expected["grid"]
    assert len(wanted) == len(cells)
    size = sum(abs(option.quantity) for option in book.options) or 1.0
    for cell in wanted:
        expected = float(cell["pnl_coin"])
        room = float(case.raw["tol_rel"]) * abs(expected) + 1e-14 * size
        found = cells[round(cell["dF"], 9), cell["vol"]]
        assert found == pytest.approx(expected, rel=0.0, abs=room), (case.id, cell)


@golden("margin_pm_grid")
def test_the_worst_cell_is_the_requirement(case: Case) -> None:
    book, rule = inverse_book(case)
    table = grid(book, rule)
    case.check(table.worst.profit, "worst")
    move, volatility = case.expected["worst_at"]
    assert table.worst.price_move == pytest.approx(move)
    assert table.worst.volatility == volatility
    assert requirement(book, rule).maintenance == pytest.approx(-table.worst.profit, rel=1e-15)
