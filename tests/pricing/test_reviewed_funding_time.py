"""A funding time written as text means what the name means, and no other text is taken."""

import pytest

from hedgerow.errors import ConfigError
from hedgerow.pricing.perpetual import (
    Anchoring,
    Carry,
    FundingTime,
    Terms,
    anchoring_interest,
    linear_price,
    perpetual_prices,
)

CARRY = Carry(quote_rate=0.1)
WEEK = 7.0 / 365.0


def price(time: FundingTime) -> float:
    funding = Anchoring(premium_intensity=1.0, interval_years=WEEK, time=time)
    return linear_price(60_000.0, CARRY, funding)


@pytest.mark.parametrize("time", FundingTime)
def test_text_means_the_time_of_that_name(time: FundingTime) -> None:
    text: FundingTime = str(time.value)  # type: ignore[assignment]
    assert price(text) == price(time)
    terms = [
        Terms(premium_intensity=1.0, interval_years=WEEK, quote_rate=0.1, time=one)
        for one in (text, time)
    ]
    found = [perpetual_prices(60_000.0, one).price for one in terms]
    assert found[0] == found[1] == pytest.approx(price(time), rel=1e-15)
    assert anchoring_interest(CARRY, WEEK, text) == anchoring_interest(CARRY, WEEK, time)


def test_other_text_is_refused() -> None:
    weekly: FundingTime = "weekly"  # type: ignore[assignment]
    with pytest.raises(ConfigError, match="previous, current, continuous"):
        price(weekly)
    with pytest.raises(ConfigError, match="previous, current, continuous"):
        Terms(premium_intensity=1.0, quote_rate=0.1, time=weekly)
    with pytest.raises(ConfigError, match="previous, current, continuous"):
        anchoring_interest(CARRY, WEEK, weekly)
