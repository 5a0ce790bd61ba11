"""Venue names such as BTCUSDT taken apart into base and quote."""

from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.market.instrument import parse_symbol

QUOTES: Final = (
    "FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "USD1", "USD", "DAI", "EUR", "GBP", "TRY",
    "BRL", "JPY", "BTC", "ETH", "BNB",
)  # fmt: skip
MARKETS: Final = ("spot", "linear", "inverse")


def split_pair(text: str, where: str) -> tuple[str, str]:
    """Return base and quote of a pair written without a separator, or with ``-``, ``_``, ``/``.

    The quote is the longest known one that the name ends with.

    Raises
    ------
    ConfigError
        If no known quote ends the name.

    Examples
    --------
    >>> split_pair("btcusdt", "example"), split_pair("ETH-USDC", "example")
    (('BTC', 'USDT'), ('ETH', 'USDC'))
    """
    name = text.upper()
    for separator in "/-_":
        base, found, quote = name.partition(separator)
        if found and base and quote and not set("/-_:") & set(quote):
            return base, quote
    for quote in sorted(QUOTES, key=len, reverse=True):
        if name.endswith(quote) and len(name) > len(quote):
            return name.removesuffix(quote), quote
    raise ConfigError(
        f"{where}: {text!r} cannot be split into base and quote (known quotes: "
        f"{', '.join(QUOTES)}); give --base and --quote, or a table of symbols in a column map"
    )


def unified(base: str, quote: str, market: str) -> str:
    """Return the unified symbol of a pair on a market: spot, linear or inverse.

    >>> unified("BTC", "USDT", "linear"), unified("BTC", "USD", "inverse")
    ('BTC/USDT:USDT', 'BTC/USD:BTC')
    """
    settle = {"spot": "", "linear": f":{quote}", "inverse": f":{base}"}[market]
    return str(parse_symbol(f"{base}/{quote}{settle}"))
