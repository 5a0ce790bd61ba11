"""The rate of the running interval, from what its premium has been so far."""

from hedgerow.errors import ConfigError
from hedgerow.funding.premiums import projected_premium, samples_of
from hedgerow.funding.rates import PredictedFunding
from hedgerow.funding.rules import settlement_rate
from hedgerow.market.venue import ContractRules
from hedgerow.units import HOUR, SECOND, Floats, iso


def predicted_funding(contract: ContractRules, samples: Floats, settles: int) -> PredictedFunding:
    """Return the rate of the settlement at `settles` if the newest premium persists until then.

    Each sample still to come is taken to be like the last one, under the venue's own weights.

    Parameters
    ----------
    samples
        Premiums of the running interval so far, oldest first, shape ``(n,)``.
    settles
        Instant of the settlement, UTC nanoseconds.

    Raises
    ------
    ConfigError
        If no table says how the venue samples premiums, or there are more samples than an
        interval has.
    """
    where = f"{contract.venue} {contract.perpetual.symbol}"
    if contract.premium is None:
        raise ConfigError(
            f"{where}: no table says how its premiums are sampled and averaged; add a premium "
            "section to a table of your own"
        )
    rule, hours = contract.premium, float(contract.funding.interval_hours)
    expected = samples_of(rule, hours)
    if samples.size > expected:
        raise ConfigError(
            f"{where}: {samples.size} samples are more than the {expected} of the interval that "
            f"ends at {iso(settles)}; give those of one interval"
        )
    premium = projected_premium(rule, samples, expected)
    elapsed = samples.size / expected
    left = round((1.0 - elapsed) * hours * HOUR / SECOND) * SECOND
    return PredictedFunding(
        venue=contract.venue,
        instrument=contract.perpetual.symbol,
        time=settles,
        rate=settlement_rate(contract.funding, premium).rate,
        interval_hours=hours,
        as_of=settles - left,
        elapsed=elapsed,
    )
