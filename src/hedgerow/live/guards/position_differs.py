"""A venue and our books agree about what is held."""

from typing import ClassVar

from hedgerow.live.guards.base import FINE, Severity, Verdict
from hedgerow.live.guards.measures import Discrepancies, Heard
from hedgerow.live.guards.places import Places


class PositionDiffers:
    """Trips on a difference that no reconciliation could explain; resets when both agree."""

    name: ClassVar[str] = "position-differs"
    severity: ClassVar[Severity] = Severity.REDUCE_ONLY
    hears: ClassVar[tuple[type, ...]] = (Discrepancies,)

    def __init__(self, places: Places) -> None:
        self._places = places
        self._found: dict[tuple[str, str], Discrepancies] = {}

    def observe(self, heard: Heard) -> None:
        """Take in what the last reconciliation of an account left over."""
        if not isinstance(heard, Discrepancies):
            return
        key = heard.venue, heard.account
        if heard.texts:
            self._found[key] = heard
        else:
            self._found.pop(key, None)

    def verdict(self, now: int) -> Verdict:  # noqa: ARG002 - it holds until the next look
        """Return where the books differ."""
        if not self._found:
            return FINE
        texts = [
            f"{venue} {account}: {', '.join(found.texts)}"
            for (venue, account), found in self._found.items()
        ]
        legs: frozenset[int] = frozenset()
        for (venue, account), found in self._found.items():
            legs |= self._legs(venue, account, found.symbols)
        return Verdict(
            tripped=True,
            message=(
                "; ".join(texts) + ". Only orders that reduce risk are sent there. Look at the "
                "account's orders and trades at the venue, and whether somebody else trades in it; "
                "it resets by itself once both agree."
            ),
            legs=legs,
        )

    def _legs(self, venue: str, account: str, symbols: frozenset[str]) -> frozenset[int]:
        """Return the legs of these symbols; all of the account where none is a leg."""
        held = [one for one in self._places.all if (one.venue, one.account) == (venue, account)]
        concerned = frozenset(place.leg for place in held if place.symbol in symbols)
        return concerned or frozenset(place.leg for place in held)
