"""A table as a page shows it: words for people, with the exact number behind each."""

from dataclasses import dataclass

from hedgerow.report.wording import Money, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is read, and the number of the JSON result it was written from, if any."""

    text: str
    value: float | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a head; the first cell of a row names it.

    `words` lists the columns that hold words rather than numbers, `total` marks the last row.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""
    words: tuple[int, ...] = ()
    total: bool = False


def words(text: str) -> Cell:
    """Return a cell without a number behind it."""
    return Cell(text=text)


def amount(value: float | None, money: Money) -> Cell:
    """Return an amount with its sign and without its unit."""
    return Cell(text="–" if value is None else money.signed_number(value), value=value)


def size(value: float | None, money: Money) -> Cell:
    """Return an amount that has no direction, without its unit."""
    return Cell(text="–" if value is None else money.number(value), value=value)


def share(value: float | None, decimals: int = 1) -> Cell:
    """Return a fraction in percent."""
    return Cell(text=percent(value, decimals), value=value)


def many(value: int) -> Cell:
    """Return a number of things."""
    return Cell(text=f"{value:,}", value=value)
