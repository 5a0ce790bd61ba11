"""From a lane's events to what the venue did on its own: liquidated, deleveraged, converted."""

from dataclasses import dataclass, replace
from typing import Final

from hedgerow.analysis.run import Conversion, Deleveraging, Liquidation
from hedgerow.engine import layout as at
from hedgerow.kernels.contract import position_pnl
from hedgerow.replay.ledger_lines import Names
from hedgerow.units import Floats

DUST: Final = 1e-9  # of what was traded: less is what rounding leaves of a closed position
_SOURCES: Final = ("mark", "bounded", "last")
_TRADES: Final = (at.KIND_FILL, at.KIND_LIQUIDATION, at.KIND_DELEVERAGING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """What the venue did on its own, in order of time."""

    liquidations: tuple[Liquidation, ...]
    deleveragings: tuple[Deleveraging, ...]
    conversions: tuple[Conversion, ...]


def forced(events: Floats, names: Names) -> Forced:
    """Return what the venue did in the events of one recorded lane."""
    held = [0.0] * len(names.legs)
    liquidations: list[Liquidation] = []
    deleveragings: list[Deleveraging] = []
    conversions: list[Conversion] = []
    for event in events:
        kind, leg = int(event[at.EVENT_KIND]), int(event[at.EVENT_LEG])
        if kind in _TRADES and leg >= 0:
            size = float(event[at.EVENT_QUANTITY])
            held[leg] += size
            if abs(held[leg]) < DUST * abs(size):
                held[leg] = 0.0
        if kind == at.KIND_LIQUIDATION and leg < 0:
            borne = float(event[at.EVENT_CASH] * event[at.EVENT_WORTH])
            account = names.accounts[int(event[at.EVENT_POCKET])]
            liquidations = _less_borne(liquidations, account, borne)
        elif kind == at.KIND_LIQUIDATION:
            liquidations.append(_liquidation(event, names, held[leg]))
        elif kind == at.KIND_DELEVERAGING:
            deleveragings.append(_deleveraging(event, names, held[leg]))
        elif kind == at.KIND_CONVERSION:
            conversions.append(_conversion(event, names))
    return Forced(
        liquidations=tuple(liquidations),
        deleveragings=tuple(deleveragings),
        conversions=tuple(conversions),
    )


def _liquidation(event: Floats, names: Names, held: float) -> Liquidation:
    leg = int(event[at.EVENT_LEG])
    price, worth = float(event[at.EVENT_PRICE]), float(event[at.EVENT_WORTH])
    return Liquidation(
        time=_time(event, names),
        instrument=names.legs[leg],
        account=names.accounts[int(event[at.EVENT_POCKET])],
        price=price,
        quantity=_coins(float(event[at.EVENT_QUANTITY]), price, names, leg),
        left=_coins(held, price, names, leg),
        loss=-float(event[at.EVENT_REALISED] + event[at.EVENT_FEE]) * worth,
        fee=-float(event[at.EVENT_FEE]) * worth,
        price_source=_SOURCES[int(event[at.EVENT_EXTRA])],
    )


def _deleveraging(event: Floats, names: Names, held: float) -> Deleveraging:
    leg = int(event[at.EVENT_LEG])
    size, price = float(event[at.EVENT_QUANTITY]), float(event[at.EVENT_PRICE])
    market = float(event[at.EVENT_EXTRA])
    gain = position_pnl(size, price, market, names.inverse(leg))
    return Deleveraging(
        time=_time(event, names),
        instrument=names.legs[leg],
        account=names.accounts[int(event[at.EVENT_POCKET])],
        price=price,
        market=market,
        quantity=_coins(size, price, names, leg),
        left=_coins(held, price, names, leg),
        cost=-gain * float(event[at.EVENT_WORTH]),
    )


def _conversion(event: Floats, names: Names) -> Conversion:
    account = int(event[at.EVENT_POCKET])
    cash = float(event[at.EVENT_CASH])
    return Conversion(
        time=_time(event, names),
        account=names.accounts[account],
        asset=names.assets[int(event[at.EVENT_EXTRA])],
        collateral=names.collaterals[account],
        quantity=float(event[at.EVENT_QUANTITY]),
        price=float(event[at.EVENT_PRICE]),
        cash=cash,
        fee=-float(event[at.EVENT_FEE]),
        value=cash * float(event[at.EVENT_WORTH]),
    )


def _time(event: Floats, names: Names) -> int:
    return int(names.opens[int(event[at.EVENT_STEP])])


def _coins(size: float, price: float, names: Names, leg: int) -> float:
    """Return a size in base coin: that of an inverse contract is in quote."""
    return size / price if names.inverse(leg) else size


def _less_borne(found: list[Liquidation], account: str, borne: float) -> list[Liquidation]:
    """Take what the venue bore beyond the wallet off the account's last losses."""
    left = borne
    lessened = []
    for liquidation in reversed(found):
        part = min(max(liquidation.loss, 0.0), left) if liquidation.account == account else 0.0
        lessened.append(replace(liquidation, loss=liquidation.loss - part))
        left -= part
    return lessened[::-1]
