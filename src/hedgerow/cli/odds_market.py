"""How the price moves, for `hedgerow calc odds`: as the user says, or as the lake remembers."""

import re
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hedgerow.cli.calc_checks import number
from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.adapters.lake import Lake
    from hedgerow.margin.odds.calibration import Returns
    from hedgerow.margin.odds.models import Diffusion, FundingPath, Heston, Jumps, Model
    from hedgerow.market.series import Bars
    from hedgerow.market.venue import ContractRules


class ModelKind(StrEnum):
    """How the price may move."""

    GBM = "gbm"
    JUMPS = "jumps"
    HESTON = "heston"
    HISTORY = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenNumbers:
    """What the user says of the market; None where nothing was said."""

    volatility: float | None
    drift: float
    per_year: float | None = None
    mean: float | None = None
    deviation: float | None = None
    long_run: float | None = None
    reversion: float | None = None
    wobble: float | None = None
    correlation: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Returns of one series of a lake, and what to call them."""

    lake: "Lake"
    venue: str
    symbol: str
    returns: "Returns"

    def stamp(self) -> dict[str, object]:
        """Return what was looked at, as plain values."""
        from hedgerow.margin.odds.calibration import volatility_now, volatility_of
        from hedgerow.units import iso

        found = self.returns
        return {
            "source": self.lake.name,
            "series": f"{self.venue} {self.symbol}",
            "first": iso(int(found.time[0]) - found.step),
            "last": iso(int(found.time[-1])),
            "bars": int(found.value.size),
            "step_hours": found.step_hours,
            "holes": found.holes,
            "volatility_of_span": volatility_of(found),
            "volatility_now": volatility_now(found),
        }


def monitor_hours(text: str) -> float:
    """Return the hours between looks; 0 for `continuous`.

    >>> monitor_hours("8h"), monitor_hours("continuous")
    (8.0, 0.0)
    """
    if text == "continuous":
        return 0.0
    match = re.fullmatch(r"(\d+)h", text)
    if match is None or match[1] == "0":
        raise ConfigError(f"--monitor {text!r}: write continuous, or hours like 1h and 8h")
    return float(match[1])


def recorded(folder: Path, contract: "ContractRules", series: str, hours: float) -> Recorded:
    """Return what a lake remembers of the contract, or of another `series`, ``VENUE:SYMBOL``."""
    from hedgerow.adapters.lake import Lake
    from hedgerow.margin.odds.calibration import returns_of

    lake = Lake(folder)
    venue, _, symbol = series.partition(":") if series else (contract.venue, "", "")
    symbol = symbol or contract.perpetual.symbol
    bars = _bars(lake, venue, symbol, hours)
    return Recorded(
        lake=lake,
        venue=venue,
        symbol=symbol,
        returns=returns_of(bars.time, bars.close, bars.step),
    )


def _bars(lake: "Lake", venue: str, symbol: str, hours: float) -> "Bars":
    """Return bars of trades: of the hours asked for, else hourly, else the shortest held."""
    from hedgerow.market.series import PriceKind
    from hedgerow.units import HOUR

    held = lake.steps(venue, symbol, PriceKind.TRADE)
    wanted = round(hours * HOUR) if hours else HOUR
    step = wanted if wanted in held or not held else held[0]
    return lake.bars(venue, symbol, PriceKind.TRADE, step)


def model_of(kind: ModelKind, given: GivenNumbers, memory: Recorded | None) -> "Model":
    """Return the model, with what is given in front of what is remembered.

    Raises
    ------
    ConfigError
        If a number is neither given nor remembered: none is ever assumed.
    """
    from hedgerow.margin.odds.models import History

    if kind is ModelKind.GBM:
        return diffusion_from(given, memory)
    if memory is None:
        return _given_model(kind, given)
    from hedgerow.margin.odds.calibration import heston_of, jumps_of

    if kind is ModelKind.HISTORY:
        return History(returns=memory.returns.value, step_hours=memory.returns.step_hours)
    remembered = jumps_of if kind is ModelKind.JUMPS else heston_of
    return _overruled(remembered(memory.returns, given.drift), given)


def diffusion_from(given: GivenNumbers, memory: Recorded | None) -> "Diffusion":
    """Return a plain diffusion, of the volatility given or remembered."""
    from hedgerow.margin.odds.calibration import diffusion_of
    from hedgerow.margin.odds.models import Diffusion

    if given.volatility is not None:
        return Diffusion(volatility=given.volatility, drift=given.drift)
    if memory is None:
        raise ConfigError(
            "--volatility is missing: give it (0.6 is 60 % a year), or --data LAKE to take it from "
            "recorded prices; none is assumed"
        )
    return diffusion_of(memory.returns, given.drift)


def _given_model(kind: ModelKind, given: GivenNumbers) -> "Model":
    from hedgerow.margin.odds.models import Heston, Jumps

    if kind is ModelKind.HISTORY:
        raise ConfigError("--model history: needs recorded returns; add --data LAKE")
    if kind is ModelKind.JUMPS:
        return Jumps(
            volatility=_known("--volatility", given.volatility),
            per_year=_known("--jumps-per-year", given.per_year),
            mean=_known("--jump-mean", given.mean),
            deviation=_known("--jump-deviation", given.deviation),
            drift=given.drift,
        )
    return Heston(
        volatility=_known("--volatility", given.volatility),
        long_run=_known("--long-run", given.long_run),
        reversion=_known("--reversion", given.reversion),
        wobble=_known("--wobble", given.wobble),
        correlation=given.correlation or 0.0,
        drift=given.drift,
    )


def _overruled(model: "Jumps | Heston", given: GivenNumbers) -> "Model":
    """Return a remembered model with the numbers that the user knows better."""
    numbers = {field.name for field in fields(model)}
    known = {name: value for name, value in asdict(given).items() if value is not None}
    return replace(model, **{name: known[name] for name in numbers & set(known)})


def _known(option: str, value: float | None) -> float:
    if value is None:
        raise ConfigError(f"{option} is missing: give it, or --data LAKE; no number is assumed")
    return value


def funding_from(
    text: str, contract: "ContractRules", memory: Recorded | None
) -> "FundingPath | None":
    """Return funding as the user gives it: a rate of one interval, or ``data``."""
    from hedgerow.margin.odds.calibration import funding_of
    from hedgerow.margin.odds.models import FundingPath

    if not text:
        return None
    interval = float(contract.funding.interval_hours)
    if text != "data":
        try:
            rate = float(text)
        except ValueError as error:
            raise ConfigError(
                f"--funding {text!r}: write the average rate of one interval, like 0.0001, or data"
            ) from error
        number("--funding", rate)
        return FundingPath(interval_hours=interval, level=rate)
    if memory is None:
        raise ConfigError("--funding data: needs recorded settlements; add --data LAKE")
    held = memory.lake.funding(memory.venue, memory.symbol)
    same = held.rate[held.interval_hours == interval]
    return funding_of(same, interval)


def model_numbers(model: "Model") -> dict[str, float]:
    """Return the numbers of a model by their names."""
    from hedgerow.margin.odds.models import History

    if isinstance(model, History):
        return {"block_bars": model.block, "volatility": model.volatility}
    return asdict(model)
