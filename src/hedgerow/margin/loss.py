"""What a liquidated isolated position loses: never more than its deposit."""

from hedgerow.margin.position import Position
from hedgerow.market.venue import LiquidationRule


def isolated_loss(position: Position, deposit: float, price: float, rule: LiquidationRule) -> float:
    """Return what is lost of `deposit` when a position is closed by force, >= 0.

    Parameters
    ----------
    price
        At which the venue closes it.
    rule
        Where the venue takes the position over at its bankruptcy price, all of the deposit is
        lost, wherever it closes; elsewhere what the close and the venue's fee took.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from hedgerow.margin.terms import flat_terms
    >>> long = Position(terms=flat_terms(0.01), size=1.0, entry=100.0)
    >>> taken = LiquidationRule(method="bankruptcy", fee=Decimal(0))
    >>> closed = LiquidationRule(method="full", fee=Decimal("0.005"))
    >>> isolated_loss(long, 4.0, 97.0, taken), isolated_loss(long, 4.0, 97.0, closed)
    (4.0, 3.485)
    """
    if rule.method == "bankruptcy":
        return deposit
    fee = float(rule.fee) * position.notional(price)
    return min(max(fee - position.pnl(price), 0.0), deposit)
