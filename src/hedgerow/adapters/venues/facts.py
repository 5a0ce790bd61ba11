"""What a preflight wants to know of an account, asked once and without touching a setting."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final

from hedgerow.adapters.venues.connection import Connection
from hedgerow.adapters.venues.contracts import exact
from hedgerow.adapters.venues.intervals import intervals_of
from hedgerow.adapters.venues.quirks import Rights
from hedgerow.adapters.venues.replies import MILLISECOND
from hedgerow.execution.port import Facts, Garbled, Refused, VenueError
from hedgerow.units import SECOND

LOOKS: Final = 3  # at the clock; the quickest answer counts
ELSEWHERE: Final = 4.0  # seconds for the question whether a key is of the other net


async def facts_of(connection: Connection, account: str, symbols: Sequence[str]) -> Facts:
    """Return what is tradable, how the account is set, and what the key may do.

    Raises
    ------
    VenueError
        If the venue does not answer, or not with what was asked.
    """
    try:
        return await _facts(connection, account, symbols)
    except Refused as error:
        if error.reason != "key" or not await key_is_of_the_other_net(connection):
            raise
        here, there = ("test net", "live venue") if connection.testnet else ("venue", "test net")
        flag = "false" if connection.testnet else "true"
        raise Refused(
            f"{error}. The key is of the {there}, and the config means the {here}: give the desk "
            f"a key of the {here}, or write testnet = {flag} under [[venue]]",
            code=error.code,
            reason="testnet",
        ) from None


async def key_is_of_the_other_net(connection: Connection) -> bool:
    """Whether a key that is refused here is taken by the other one of live venue and test net.

    It is asked once, and only where the venue called the key invalid; a venue that does not know
    either, or does not answer, leaves the question open.
    """
    if connection.elsewhere is None:
        return False
    other, connection.elsewhere = connection.elsewhere(), None
    try:
        async with asyncio.timeout(ELSEWHERE):
            await other.ask("balance", other.exchange.fetch_balance)
    except (VenueError, TimeoutError):
        return False
    else:
        return True
    finally:
        await other.close()


async def _facts(connection: Connection, account: str, symbols: Sequence[str]) -> Facts:
    quirks, exchange = connection.quirks, connection.exchange
    contracts, scopes = await connection.listed(), await connection.scopes()
    offset = await clock_offset(connection)
    rights = await _rights(connection)
    one_way = await connection.ask("position mode", lambda: quirks.one_way(exchange, scopes))
    modes, leverage = await connection.ask(
        "margin mode and leverage", lambda: quirks.margin(exchange, scopes)
    )
    wanted = [symbol for symbol in symbols if symbol in contracts]
    maker, taker = await fees(connection, wanted)
    swaps = [symbol for symbol in wanted if contracts[symbol].kind != "spot"]
    return Facts(
        venue=connection.venue,
        account=account,
        one_way=one_way,
        margin_mode=modes,
        leverage=leverage,
        maker=maker,
        taker=taker,
        clock_offset=offset,
        listings={
            symbol: contract.listing(connection.venue, account)
            for symbol, contract in contracts.items()
        },
        may_trade=rights.trade,
        may_withdraw=rights.withdraw,
        interval_hours=await intervals_of(connection, swaps),
        testnet=connection.testnet,
        unusable=connection.unusable,
    )


async def _rights(connection: Connection) -> Rights:
    """Return what the key may do; a test net may well not tell."""
    quirks = connection.quirks
    try:
        return await connection.ask(
            "rights of the key", lambda: quirks.rights(connection.exchange, connection.keys)
        )
    except VenueError:
        if not connection.testnet:
            raise
        return Rights(trade=None, withdraw=None)


async def clock_offset(connection: Connection) -> float:
    """Return the venue's clock less ours, seconds, good to half the quickest round trip.

    Venues whose interface has no clock tell the time in the stamps of their market data.
    """
    best: tuple[int, float] | None = None
    for _ in range(LOOKS):
        before = connection.now()
        stamp = exact(await connection.ask("clock", connection.exchange.fetch_time))
        trip = connection.now() - before
        if stamp is None:
            raise Garbled(f"{connection.venue}: clock: the reply has no time; it is asked again")
        offset = (int(stamp) * MILLISECOND - (before + trip // 2)) / SECOND
        if best is None or trip < best[0]:
            best = trip, offset
    return best[1] if best else 0.0


async def fees(
    connection: Connection, symbols: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return maker and taker fees by symbol, of those for which the venue tells them."""
    maker: dict[str, float] = {}
    taker: dict[str, float] = {}
    exchange = connection.exchange
    for symbol in symbols:
        try:
            if exchange.has.get("fetchTradingFee") is True:
                row = await connection.ask(
                    f"fees of {symbol}", partial(exchange.fetch_trading_fee, symbol)
                )
            else:
                rows = await connection.ask("fees", exchange.fetch_trading_fees)
                row = rows.get(symbol) or {}
        except Refused as error:
            if error.reason == "key":
                raise
            continue
        numbers = exact(row.get("maker")), exact(row.get("taker"))
        if numbers[0] is not None and numbers[1] is not None:
            maker[symbol], taker[symbol] = float(numbers[0]), float(numbers[1])
    return maker, taker
