"""A kernel's columns as the answer to one vector call."""

from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.pricing.rows import Call
from hedgerow.units import Bools, Floats

if TYPE_CHECKING:
    import polars as pl

Answer: TypeAlias = "float | Floats | pl.Series"
"""One quantity, as it was asked for: a number, an array of the call's shape, a polars column."""


def usable(call: Call) -> tuple[Floats, ...]:
    """Return the call's columns, each of `size` elements, with 1 in the bad rows.

    What a kernel makes of them there is thrown away by `answers`.
    """
    if call.rows.all_valid:
        return call.full()
    valid = call.rows.valid.ravel()
    return tuple(np.where(valid, column, 1.0) for column in call.full())


def refuse(call: Call, bad: Bools, reason: str, *, by: tuple[str, Floats], mend: str) -> None:
    """Mark those of the valid rows that are `bad`; of one number, raise instead.

    Parameters
    ----------
    bad
        Shape ``(size,)`` or ``(1,)``; whether it holds in rows that are bad already does not
        matter.
    by
        The argument to name, and its values.
    mend
        What to do, for the error.
    """
    if not bad.any():
        return
    new = call.rows.valid.ravel() & bad
    if call.is_number and new.any():
        name, values = by
        raise ConfigError(f"{name} = {values[0]:g}: {reason}; {mend}")
    call.also(new, reason)


def answers(
    call: Call, found: Floats, *names: str, unbounded: tuple[str, ...] = ()
) -> dict[str, Floats]:
    """Return each row of `found`, shape ``(names, size)``, by its name, NaN in the bad rows.

    They are typed as arrays, though of numbers they are numbers and of polars columns such columns:
    which one it is, the signatures of the functions that people call say.

    A valid row that no double can hold becomes a bad one; but quantities in `unbounded` may be
    infinite.
    """
    call.void(found)
    held = [place for place, name in enumerate(names) if name not in unbounded]
    if not np.isfinite(found[held]).all():
        call.void_overflow(found[held])
        call.void(found)
    pairs = zip(names, found, strict=True)
    return {name: cast("Floats", call.answer(name, values)) for name, values in pairs}
