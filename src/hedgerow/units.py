"""The conventions that every room shares: signs, units, time and array names.

=================  ==============================================================
position, delta    base coin; long > 0, short < 0
price              quote per base
rate, volatility   fraction per year of 365 days, unless the name says otherwise
funding rate       fraction of notional per interval; > 0 means longs pay shorts
cash flow          as the book feels it: received > 0, paid < 0
fee                fraction of notional; a rebate is < 0
time               int64 UTC nanoseconds in arrays, aware ``datetime`` in the API
arrays             step-major ``(steps, lanes)``, lanes contiguous, float64
=================  ==============================================================
"""

from datetime import UTC, datetime
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Times: TypeAlias = npt.NDArray[np.int64]
Integers: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
YEAR: Final = 365 * DAY
DAYS_PER_YEAR: Final = 365.0


def nanoseconds(moment: datetime) -> int:
    """Return `moment`, an aware datetime, as UTC nanoseconds since 1970.

    >>> nanoseconds(datetime(1970, 1, 2, tzinfo=UTC)) == DAY
    True
    """
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * 1_000


def moment(nanosecond: int) -> datetime:
    """Return UTC `nanosecond` as an aware datetime, to the microsecond.

    >>> moment(DAY).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    seconds, rest = divmod(int(nanosecond), SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1_000)


def iso(nanosecond: int) -> str:
    """Return UTC `nanosecond` as ISO 8601 to the second.

    >>> iso(0)
    '1970-01-01T00:00:00Z'
    """
    return moment(nanosecond).strftime("%Y-%m-%dT%H:%M:%SZ")
