"""Which pairs of two dollars a config has a desk ask for, or why it may not."""

from collections.abc import Mapping, Sequence

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.execution.order import Listing
from hedgerow.live.guards.stablecoin_peg import COMMON, DOLLARS, is_of_two_dollars, peg_pairs


def asked_pairs(
    listings: Sequence[Listing], given: Mapping[str, str] | None
) -> tuple[tuple[str, str], ...]:
    """Return venue and symbol of the pairs to ask for.

    Raises
    ------
    ConfigError
        If one is at a venue that the desk does not use, or is not of two dollars: it would be
        asked for in vain, and a guard would look as if it watched.
    """
    venues = tuple(dict.fromkeys(listing.venue for listing in listings))
    for venue, symbol in (given or {}).items():
        if venue not in venues:
            raise UnknownName("venue of a hedge", venue[:60], venues, where="[guards] peg_pairs")
        if not is_of_two_dollars(symbol):
            raise ConfigError(
                f"[guards] peg_pairs: {venue} = {symbol[:60]!r} is no pair of two dollars; write "
                f'two of {", ".join(sorted(DOLLARS))}, such as {venue} = "{COMMON}", or leave '
                f"{venue} out"
            )
    return peg_pairs(listings, given)
