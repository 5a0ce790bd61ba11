"""What a single option must be backed with in a standard account."""

from typing import NamedTuple

from hedgerow.errors import ConfigError


class OptionMargin(NamedTuple):
    """Initial and maintenance margin of an option position, in base coin, >= 0."""

    initial: float
    maintenance: float


class StandardOption(NamedTuple):
    """An inverse option as its venue shows it.

    ``quantity`` in base coin, long > 0; ``mark`` in coin per coin; prices in quote per base.
    """

    quantity: float
    strike: float
    call: bool
    mark: float
    underlying: float


def deribit_option_margin(option: StandardOption) -> OptionMargin:
    r"""Return Deribit's standard margin of one inverse option; one that is bought needs none.

    With mark `m` in coin, underlying `i` and :math:`o` how far it is out of the money, for each
    option sold:

    .. math::
        IM = \max(0.15 - o/i,\ 0.1) + m, \qquad MM = 0.075 + m \quad\text{(call)} \\
        IM = \max(\max(0.15 - o/i,\ 0.1) + m,\ MM), \qquad
            MM = \max(0.075,\ 0.075\,m) + m \quad\text{(put)}

    References
    ----------
    Deribit's page on margin, as recorded by TSLab, "Deribit margin requirements calculation"
    (third-party).

    Examples
    --------
    >>> deribit_option_margin(StandardOption(-1.0, 55_000.0, True, 0.02, 50_000.0))
    OptionMargin(initial=0.12000000000000001, maintenance=0.095)
    """
    quantity, strike, call, mark, underlying = option
    if not (strike > 0.0 and underlying > 0.0 and mark >= 0.0):
        raise ConfigError(
            f"option: strike {strike} and underlying {underlying} must be above 0 and mark {mark} "
            "not below"
        )
    if quantity >= 0.0:
        return OptionMargin(0.0, 0.0)
    out = max(strike - underlying if call else underlying - strike, 0.0)
    initial = max(0.15 - out / underlying, 0.1) + mark
    maintenance = (0.075 if call else max(0.075, 0.075 * mark)) + mark
    return OptionMargin(-quantity * max(initial, maintenance), -quantity * maintenance)
