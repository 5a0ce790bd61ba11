"""What the doctor finds of stablecoins: whether a pair tells that each keeps its peg."""

from hedgerow.cli.doctor_check import Check, doubtful, fine
from hedgerow.config.live import LiveConfig
from hedgerow.errors import HedgeError
from hedgerow.live.guards.places import Places
from hedgerow.live.guards.stablecoin_peg import COMMON, DOLLARS, stablecoins


async def pegs(desk: LiveConfig) -> list[Check]:
    """Ask for every pair that the guard hears, and name the coins that none tells of."""
    from hedgerow.adapters.venues.opening import Where, open_feed

    found, told = [], set()
    for venue, symbol in desk.guards.peg_pairs:
        access = next((one for one in desk.venues if one.venue == venue), None)
        url, testnet = (access.url, access.testnet) if access else (None, False)
        try:
            feed = open_feed(venue, (symbol,), Where(testnet=testnet, loopback_url=url))
            try:
                quote = await feed.quote(symbol)
            finally:
                await feed.close()
        except HedgeError as error:
            found.append(doubtful("stablecoin-peg", f"{venue} {symbol}: {error}"))
            continue
        told |= set(symbol.split("/")) & DOLLARS
        price = quote.last or quote.bid or 0.0
        found.append(fine("stablecoin-peg", f"{venue}: {symbol} is {price:.4f}"))
    places = Places(desk.setup.listings).all
    coins = stablecoins(*(coin for place in places for coin in (place.settle, place.quote)))
    for coin in sorted(coins - told):
        pair = COMMON if coin in COMMON.split("/") else f"{coin}/USDT"
        stops = "its legs only reduce" if desk.guards.peg_required else "it stops nothing"
        text = (
            f"no pair of two dollars tells of {coin}: the guard has no data, and {stops}; name "
            f'one, such as [guards] peg_pairs = {{ {desk.venues[0].venue} = "{pair}" }}'
        )
        found.append(doubtful("stablecoin-peg", text))
    return found
