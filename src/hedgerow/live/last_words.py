"""What a desk says when it ends: nobody looks after the hedge from then on."""

from hedgerow.errors import HedgeError
from hedgerow.execution.effects import Notice


def stopped(name: str) -> Notice:
    """Return what a desk says that was told to end."""
    text = (
        f"{name} has stopped: nobody looks after the hedge, which stays as it is; start it again "
        "with `hedgerow run`"
    )
    return Notice(level="warning", topic="stopped", text=text)


def died(name: str, error: BaseException, taking: str = "") -> Notice:
    """Return what a desk says that something has ended.

    Parameters
    ----------
    taking
        Kind of the signal that was in its hands, empty where it was none.

    Examples
    --------
    >>> died("treasury", KeyError("size"), "Quoted").text
    "treasury has died (KeyError: 'size', while it took in a Quoted): nobody looks after the \
hedge, which stays as it is; start it again with `hedgerow run`, or hedge by hand"
    """
    reason = str(error) if isinstance(error, HedgeError) else f"{type(error).__name__}: {error}"
    during = f", while it took in a {taking}" if taking else ""
    text = (
        f"{name} has died ({reason}{during}): nobody looks after the hedge, which stays as it is; "
        "start it again with `hedgerow run`, or hedge by hand"
    )
    return Notice(level="critical", topic="stopped", text=text)
