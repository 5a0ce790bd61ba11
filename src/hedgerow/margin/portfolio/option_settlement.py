"""What an option pays when it settles, in money and in coin."""

from typing import Literal


def option_payoff(
    kind: Literal["call", "put"], strike: float, delivery: float, multiplier: float = 1.0
) -> float:
    """Return the payoff of one contract in quote: ``multiplier * max(+-(S - K), 0)``.

    Examples
    --------
    >>> option_payoff("put", 100.0, 80.0, 10.0)
    200.0
    """
    sign = 1.0 if kind == "call" else -1.0
    return multiplier * max(sign * (delivery - strike), 0.0)


def settled_in_coin(
    kind: Literal["call", "put"], strike: float, delivery: float, multiplier: float = 1.0
) -> float:
    """Return the same in the base coin: the payoff over the delivery price.

    References
    ----------
    Deribit, "Inverse options": cash settled in the coin at the delivery price.

    Examples
    --------
    >>> settled_in_coin("call", 10_000.0, 12_500.0)
    0.2
    """
    return option_payoff(kind, strike, delivery, multiplier) / delivery
