"""Where coins of a made-up market start: ``--price COIN=PRICE``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hedgerow.errors import ConfigError, UnknownName

if TYPE_CHECKING:
    from hedgerow.live.setup import Setup


def coin_prices(given: Sequence[str], setup: "Setup") -> dict[str, float]:
    """Return the prices of ``COIN=PRICE`` by coin; each must be one that the desk trades."""
    from hedgerow.market.instrument import parse_symbol

    coins = list(dict.fromkeys(parse_symbol(one.symbol).base for one in setup.listings))
    found: dict[str, float] = {}
    for text in given:
        coin, price = _price(text)
        if coin not in coins:
            raise UnknownName("coin", coin, coins, where="--price")
        if coin in found:
            raise ConfigError(f"--price {text}: {coin} has a price already; give each coin one")
        found[coin] = price
    return found


def _price(text: str) -> tuple[str, float]:
    coin, _, number = text.partition("=")
    try:
        price = float(number)
    except ValueError:
        price = -1.0
    if not 0.0 < price < float("inf"):
        raise ConfigError(f"--price {text}: write a coin and its price, such as BTC=60000")
    return coin.strip().upper(), price
