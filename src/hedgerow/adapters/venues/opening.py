"""The front door of a venue: feed, gateway and account, opened together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hedgerow.adapters.venues.account import VenueAccount
from hedgerow.adapters.venues.connection import TIMEOUT, Connection, connect
from hedgerow.adapters.venues.feed import VenueFeed
from hedgerow.adapters.venues.gateway import VenueGateway
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.names import Names, looks_ours
from hedgerow.adapters.venues.streams import Patience
from hedgerow.errors import ConfigError
from hedgerow.execution.budget import RateBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """How a venue is reached.

    Attributes
    ----------
    testnet
        Whether its test net is meant.
    loopback_url
        Base of a server on this machine that stands in for it.
    budget
        Of requests, for all who share it; None for one of each connection.
    timeout
        Of a request, milliseconds.
    """

    testnet: bool = False
    loopback_url: str | None = None
    budget: RateBudget | None = None
    timeout: int = TIMEOUT
    patience: Patience = field(default_factory=Patience)


def open_feed(venue: str, symbols: Iterable[str], where: Where | None = None) -> VenueFeed:
    """Return the public feed of a venue; no key is needed."""
    place = where or Where()
    return VenueFeed(_connected(venue, symbols, None, place), patience=place.patience)


def open_account(
    venue: str,
    account: str,
    symbols: Iterable[str],
    keys: Keys,
    where: Where | None = None,
    *,
    ours: Callable[[str], bool] = looks_ours,
    known: Iterable[str] = (),
) -> tuple[VenueGateway, VenueAccount]:
    """Return gateway and account, which share one connection; closing the account closes both.

    Parameters
    ----------
    account
        The desk's name for it.
    ours
        Whether a client id is of this desk.
    known
        Client ids of the journal that may still be open; needed where the venue is told a hash.

    Raises
    ------
    ConfigError
        If the symbols lie in different wallets of the venue.
    """
    place = where or Where()
    connection = _connected(venue, symbols, keys, place)
    kinds = {kind for kind in connection.kinds if not connection.quirks.one_wallet}
    if len(kinds) > 1:
        raise ConfigError(
            f"[accounts.{account}]: {venue} keeps {' and '.join(sorted(kinds))} in wallets of "
            "their own; give each an account of its own"
        )
    names = Names(connection.quirks.wire_id, ours)
    names.remember(*known)
    return (
        VenueGateway(connection, account, names),
        VenueAccount(connection, account, names, patience=place.patience),
    )


def open_venue(
    venue: str,
    symbols_by_account: dict[str, tuple[str, ...]],
    secrets: dict[str, Keys],
    where: Where | None = None,
    *,
    ours: Callable[[str], bool] = looks_ours,
    known: Iterable[str] = (),
) -> tuple[VenueFeed, dict[str, VenueGateway], dict[str, VenueAccount]]:
    """Return the feed of a venue, and gateway and account of each of its accounts by name.

    Raises
    ------
    ConfigError
        If an account has no key.
    """
    missing = sorted(set(symbols_by_account) - set(secrets))
    if missing:
        raise ConfigError(
            f"{venue}: no key for the account {missing[0]!r}; name its secrets in the config"
        )
    every = dict.fromkeys(symbol for symbols in symbols_by_account.values() for symbol in symbols)
    feed = open_feed(venue, every, where)
    ids = tuple(known)
    opened = {
        account: open_account(
            venue, account, symbols, secrets[account], where, ours=ours, known=ids
        )
        for account, symbols in symbols_by_account.items()
    }
    return (
        feed,
        {account: gateway for account, (gateway, _) in opened.items()},
        {account: book for account, (_, book) in opened.items()},
    )


def _connected(venue: str, symbols: Iterable[str], keys: Keys | None, place: Where) -> Connection:
    return connect(
        venue,
        symbols=symbols,
        secrets=keys,
        loopback_url=place.loopback_url,
        testnet=place.testnet,
        budget=place.budget,
        timeout=place.timeout,
    )
