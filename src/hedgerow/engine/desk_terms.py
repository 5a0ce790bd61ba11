"""Terms with every number a float: a kernel compiles anew for each type it is given."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from hedgerow.engine.terms import Terms

T = TypeVar("T")


def in_floats(terms: Terms) -> Terms:
    """Return the same terms, numbers as floats."""
    return replace(
        _floats(terms),
        holdings=tuple(float(amount) for amount in terms.holdings),
        legs=tuple(_floats(leg) for leg in terms.legs),
        accounts=tuple(
            replace(_floats(account), pledges=tuple(_floats(pledge) for pledge in account.pledges))
            for account in terms.accounts
        ),
    )


def _floats(value: T) -> T:
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes: dict[str, Any] = {
        field.name: float(number)
        for field in fields(value)
        if field.type is float and (number := getattr(value, field.name)) is not None
    }
    return replace(value, **changes)
