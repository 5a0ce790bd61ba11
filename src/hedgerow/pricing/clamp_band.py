"""The premiums beyond which carrying a perpetual against its coin pays, under a clamped rate."""

from dataclasses import dataclass

from hedgerow.pricing.annual import HOURS_PER_YEAR
from hedgerow.pricing.arguments import finite, not_negative, positive


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryCost:
    """What holding one leg long and one short costs.

    Attributes
    ----------
    round_trip
        Of opening and closing both legs, fraction of notional.
    hold_hours
        How long they are held.
    financing_spread
        What the cash costs beyond what it earns, per year, fraction of notional.
    """

    round_trip: float
    hold_hours: float
    financing_spread: float = 0.0

    def __post_init__(self) -> None:
        positive("hold_hours", self.hold_hours, "say how long the legs are held").number()
        for name in ("round_trip", "financing_spread"):
            finite(name, getattr(self, name), "write a fraction of notional").number()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClampBand:
    """Where the carry begins to pay.

    Attributes
    ----------
    required_funding
        Rate per interval at which a short perpetual against coins breaks even.
    short_above, long_below
        Premiums above which the short pays, and below which a long against sold coins does.
    """

    required_funding: float
    short_above: float
    long_below: float


def clamp_band(
    cost: CarryCost, interest: float, clamp: float, interval_hours: float = 8.0
) -> ClampBand:
    r"""Return the band of premiums inside which neither side of the carry pays.

    With :math:`F = P + \mathrm{clip}(I - P, \pm\delta)` and :math:`n` intervals held, the short
    needs :math:`F \ge c / n` with financing counted in :math:`c`: above
    :math:`I` that takes :math:`P = F + \delta`, below it :math:`P = F - \delta`. The long needs
    :math:`P \le -c/n - \delta`, without what its sold coins' cash might earn.

    Parameters
    ----------
    interest, clamp
        :math:`I` and :math:`\delta`, per interval.
    interval_hours
        Between settlements.
    """
    finite("interest", interest, "write a fraction per interval").number()
    not_negative("clamp", clamp, "write how far the rate follows, 0 or above").number()
    hours = positive("interval_hours", interval_hours, "8 between settlements, say").number()
    intervals = cost.hold_hours / hours
    financing = cost.financing_spread * cost.hold_hours / HOURS_PER_YEAR
    required = (cost.round_trip + financing) / intervals
    return ClampBand(
        required_funding=required,
        short_above=required + clamp if required > interest else required - clamp,
        long_below=-cost.round_trip / intervals - clamp,
    )
