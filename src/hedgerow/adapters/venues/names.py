"""Whose an order is: the desk's client ids, as a venue knows them."""

import re
from collections.abc import Callable, Iterable
from typing import Final

PATTERN: Final = re.compile(r"[a-z0-9]{1,32}")


def looks_ours(client_id: str) -> bool:
    """Whether a client id could be of a desk; those of apps and websites look otherwise.

    >>> looks_ours("hgtreasuryk98h0000t85s000001"), looks_ours("web_1fGh"), looks_ours("")
    (True, False, False)
    """
    return PATTERN.fullmatch(client_id) is not None


class Names:
    """Client ids by what the venue calls them, and by the venue's own ids of orders.

    Parameters
    ----------
    wire_id
        How the venue is told a client id; where that cannot be undone, only ids that were
        remembered are recognised.
    ours
        Whether a client id is of this desk.
    """

    def __init__(
        self, wire_id: Callable[[str], str], ours: Callable[[str], bool] = looks_ours
    ) -> None:
        self._wire_id = wire_id
        self._ours = ours
        self._by_wire: dict[str, str] = {}
        self._by_order: dict[tuple[str, str], str] = {}

    def remember(self, *client_ids: str) -> None:
        """Know these ids again when the venue speaks of them."""
        for client_id in client_ids:
            self._by_wire[self._wire_id(client_id)] = client_id

    def ours(self, wire_id: str) -> str:
        """Return the client id behind what the venue calls it, empty where it is not ours."""
        known = self._by_wire.get(wire_id)
        if known is not None:
            return known
        return wire_id if self._ours(wire_id) else ""

    def note(self, symbol: str, venue_id: str, wire_id: str) -> None:
        """Note which client id an order has, ours or not."""
        self._by_order[symbol, venue_id] = wire_id

    def of_order(self, symbol: str, venue_id: str) -> str | None:
        """Return the client id, as the venue has it, of an order; None where nobody knows yet."""
        return self._by_order.get((symbol, venue_id))

    def forget_orders(self, keep: Iterable[tuple[str, str]] = (), most: int = 20_000) -> None:
        """Let go of old orders when there are too many."""
        if len(self._by_order) > most:
            kept = {key: self._by_order[key] for key in keep if key in self._by_order}
            self._by_order = dict(list(self._by_order.items())[-most // 2 :]) | kept
