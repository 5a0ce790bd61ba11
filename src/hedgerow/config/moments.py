"""Days and instants as people write them: TOML's own, or ISO 8601 text."""

from datetime import UTC, date, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2200  # nanoseconds since 1970 fit into 64 bits until 2262
YEARS: Final = f"{FIRST_YEAR + 1} to {LAST_YEAR}"


def read_day(value: object) -> date:
    """Return a whole UTC day.

    >>> read_day("2022-01-01")
    datetime.date(2022, 1, 1)
    """
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("not a day")  # noqa: TRY004 - pydantic wants ValueError
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError("out of range")
    return value


def read_instant(value: object) -> datetime:
    """Return an aware instant; without a zone it is UTC, a day is its midnight.

    >>> read_instant("2021-05-19T13:00+02:00").isoformat()
    '2021-05-19T11:00:00+00:00'
    >>> read_instant("2021-05-19").isoformat()
    '2021-05-19T00:00:00+00:00'
    """
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError("not an instant")  # noqa: TRY004 - pydantic wants ValueError
    if not FIRST_YEAR < value.year <= LAST_YEAR:
        raise ValueError("out of range")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Day = Annotated[date, BeforeValidator(read_day)]
Instant = Annotated[datetime, BeforeValidator(read_instant)]
