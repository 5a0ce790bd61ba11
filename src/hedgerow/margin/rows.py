"""An account as rows: what the compiled search takes."""

import numpy as np

from hedgerow.kernels.cross_margin import Rows
from hedgerow.kernels.margin import ENTRY_BRACKETS, SIZE_SLOPE, SIZE_TIERS
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position

Line = tuple[float, float]  # asked for at price P: first + second * P
Row = tuple[float, float, float, list[Line], float]


def rows_of(account: MarginAccount, closing_fees: tuple[float, ...]) -> Rows:
    """Return positions, then collaterals, as rows that ask for maintenance.

    Parameters
    ----------
    closing_fees
        What each position asks for beside its brackets, in settlement currency: the fee of closing
        at the bankruptcy price, where a venue counts that.
    """
    found = []
    for position, fee in zip(account.positions, closing_fees, strict=True):
        lines, curve = _asked(position, account.multiplier)
        if fee:
            lines = [_plus(line, _constant(position, fee)) for line in lines]
        found.append(_row(account, position, lines, curve))
    return _stacked([*found, *map(_held, account.collaterals), *_fixed(account)])


def bankruptcy_rows(account: MarginAccount) -> Rows:
    """Return the rows of an account that asks for nothing but what closing costs.

    The fee counts where the venue takes the bankruptcy price after fees.
    """
    found = []
    for position in account.positions:
        terms = position.terms
        fee = terms.taker_fee if terms.closing_fee == "bankruptcy" else 0.0
        found.append(_row(account, position, [_proportional(position, fee)], 0.0))
    return _stacked([*found, *map(_held, account.collaterals)])


def _row(account: MarginAccount, position: Position, lines: list[Line], curve: float) -> Row:
    """Return worth and demand of a position in money."""
    size, entry = position.size, position.entry
    if position.terms.inverse:
        return position.price, -size, size / entry, lines, curve
    worth = account.price_of(position.terms.settle)
    scaled = [(first * worth, second * worth) for first, second in lines]
    return position.price, -size * entry * worth, size * worth, scaled, curve * worth


def _asked(position: Position, multiplier: float) -> tuple[list[Line], float]:
    """Return the lines of the maintenance margin, of which the largest holds, and the curve."""
    terms = position.terms
    rule = terms.requirement
    size = abs(position.size)
    if rule.kind == ENTRY_BRACKETS:
        asked = position.maintenance(position.entry)
        return [_constant(position, multiplier * asked)], 0.0
    if rule.kind == SIZE_SLOPE:
        rate = float(rule.rate[0])
        if terms.inverse:
            return [_proportional(position, multiplier * rate)], multiplier * rule.slope * size**2
        return [_proportional(position, multiplier * (rate + rule.slope * size))], 0.0
    if rule.kind == SIZE_TIERS:
        asked = position.maintenance(position.entry)
        rate = asked / position.notional(position.entry) if size else 0.0
        return [_proportional(position, multiplier * rate)], 0.0
    return [
        _plus(
            _proportional(position, multiplier * float(rate)),
            _constant(position, -multiplier * float(amount)),
        )
        for rate, amount in zip(rule.rate, rule.amount, strict=True)
    ], 0.0


def _proportional(position: Position, rate: float) -> Line:
    """Return `rate` of the notional, as a line in money."""
    size = abs(position.size)
    return (size * rate, 0.0) if position.terms.inverse else (0.0, size * rate)


def _constant(position: Position, amount: float) -> Line:
    """Return a fixed amount of settlement currency, as a line in money."""
    return (0.0, amount) if position.terms.inverse else (amount, 0.0)


def _plus(one: Line, other: Line) -> Line:
    return one[0] + other[0], one[1] + other[1]


def _held(collateral: Collateral) -> Row:
    amount = collateral.amount
    lines = [(-part, rate * amount) for rate, part in collateral.lines()]
    return collateral.shocked_price, 0.0, amount, lines, 0.0


def _fixed(account: MarginAccount) -> list[Row]:
    """Return what is asked for in any case; it moves with the unit it is reckoned in."""
    if not account.fixed_requirement:
        return []
    return [(account.price_of(account.unit), 0.0, -account.fixed_requirement, [], 0.0)]


def _stacked(found: list[Row]) -> Rows:
    width = max((len(lines) for *_, lines, _ in found), default=0)
    constants = np.zeros((len(found), width))
    slopes = np.zeros((len(found), width))
    for number, (*_, lines, _) in enumerate(found):
        for column, (first, second) in enumerate(lines):
            constants[number, column] = first
            slopes[number, column] = second
    return Rows(
        price=np.array([row[0] for row in found]),
        constant=np.array([row[1] for row in found]),
        slope=np.array([row[2] for row in found]),
        line_constant=constants,
        line_slope=slopes,
        curve=np.array([row[4] for row in found]),
    )
