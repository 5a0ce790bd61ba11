"""What lies behind a position, from the figures that venues print."""

from hedgerow.margin.position import Position


def deposit_at(position: Position, leverage: float) -> float:
    """Return the deposit of a position opened at a leverage, in its settlement currency.

    Examples
    --------
    >>> from hedgerow.margin.terms import flat_terms
    >>> short = Position(terms=flat_terms(0.005), size=-2.0, entry=50_000.0, mark=60_000.0)
    >>> deposit_at(short, 4.0)
    25000.0
    """
    return position.notional(position.entry) / leverage


def deposit_of_cash(position: Position, cash: float) -> float:
    """Return the deposit behind a position that was paid for in full out of `cash`.

    On-chain venues show the balance after buying, or selling, the whole notional: equity is then
    ``cash + size * mark``.

    Examples
    --------
    >>> from hedgerow.margin.terms import flat_terms
    >>> long = Position(terms=flat_terms(0.01), size=0.2259, entry=2_213.9)
    >>> round(deposit_of_cash(long, -475.23904), 5)
    24.88097
    """
    return cash + position.size * position.entry


def counted_extra(position: Position, extra: float) -> float:
    """Return how much of margin added after opening counts where the closing fee comes off it.

    References
    ----------
    Bybit help centre, "Liquidation price (inverse contract)", edition of 2026: extra margin over
    one plus the taker fee for a long, one minus it for a short.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from hedgerow.margin.terms import flat_terms
    >>> terms = replace(flat_terms(0.005, symbol="BTC/USD:BTC"), taker_fee=0.0006)
    >>> counted_extra(Position(terms=terms, size=60_000.0, entry=50_000.0), 0.010006)
    0.01
    """
    return extra / (1.0 + position.side * position.terms.taker_fee)
