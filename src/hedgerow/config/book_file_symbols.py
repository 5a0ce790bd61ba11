"""Names of contracts as a venue writes them, brought to the unified ones."""

import re
from typing import Final

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DERIBIT: Final = re.compile(
    r"^(?P<base>[A-Z0-9]+)(?:_(?P<money>[A-Z0-9]+))?-"
    r"(?:(?P<perpetual>PERPETUAL)|(?P<day>\d{1,2})(?P<month>[A-Z]{3})(?P<year>\d{2})"
    r"(?:-(?P<strike>\d+(?:[d.]\d+)?)-(?P<kind>[CP]))?)$"
)


def unified(symbol: str) -> str:
    """Return the unified name of a contract that is written as Deribit does; others as they are.

    >>> unified("BTC-26JUN20-10500-P"), unified("XRP_USDC-3APR26-0d55-C")
    ('BTC/USD:BTC-200626-10500-P', 'XRP/USDC:USDC-260403-0.55-C')
    >>> unified("BTC-PERPETUAL"), unified("BTC-26JUN20"), unified("BTC/USDT:USDT")
    ('BTC/USD:BTC', 'BTC/USD:BTC-200626', 'BTC/USDT:USDT')
    """
    found = _DERIBIT.match(symbol)
    if found is None:
        return symbol
    money = found["money"]
    pair = (
        f"{found['base']}/USD:{found['base']}"
        if money is None
        else (f"{found['base']}/{money}:{money}")
    )
    if found["perpetual"]:
        return pair
    if found["month"] not in MONTHS:
        return symbol
    month = MONTHS.index(found["month"]) + 1
    dated = f"{pair}-{found['year']}{month:02d}{int(found['day']):02d}"
    if found["strike"] is None:
        return dated
    return f"{dated}-{found['strike'].replace('d', '.')}-{found['kind']}"
