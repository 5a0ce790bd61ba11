"""The moods of a simulated market, and the story that strings them together."""

from dataclasses import dataclass, replace
from typing import Final

from hedgerow.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One mood of the market.

    Attributes
    ----------
    days
        How long it lasts, whole days.
    move
        Log return of the index over the whole regime; the path is pinned to it.
    volatility
        Root mean square volatility of the continuous part, per year.
    jumps_per_day, jump_size
        Mean number of jumps a day, and the standard deviation of one, as a log return.
    premium, premium_deviation
        Level and standard deviation of (perpetual - index) / index.
    activity
        Traded volume, relative to a calm market.
    """

    name: str
    days: int
    move: float
    volatility: float
    jumps_per_day: float
    jump_size: float
    premium: float
    premium_deviation: float
    activity: float


CALM: Final = Regime(
    name="calm",
    days=120,
    move=0.05,
    volatility=0.38,
    jumps_per_day=0.05,
    jump_size=0.010,
    premium=-0.0002,
    premium_deviation=0.0002,
    activity=1.0,
)
RALLY: Final = Regime(
    name="rally",
    days=100,
    move=0.40,
    volatility=0.55,
    jumps_per_day=0.10,
    jump_size=0.012,
    premium=0.0007,
    premium_deviation=0.0003,
    activity=1.6,
)
SQUEEZE: Final = Regime(
    name="squeeze",
    days=3,
    move=0.22,
    volatility=1.00,
    jumps_per_day=2.0,
    jump_size=0.025,
    premium=0.0050,
    premium_deviation=0.0006,
    activity=4.0,
)
FROTH: Final = Regime(
    name="froth",
    days=30,
    move=-0.03,
    volatility=0.70,
    jumps_per_day=0.15,
    jump_size=0.015,
    premium=0.0010,
    premium_deviation=0.0004,
    activity=2.0,
)
CRASH: Final = Regime(
    name="crash",
    days=10,
    move=-0.52,
    volatility=1.20,
    jumps_per_day=2.0,
    jump_size=0.035,
    premium=-0.0026,
    premium_deviation=0.0006,
    activity=4.5,
)
WINTER: Final = Regime(
    name="winter",
    days=130,
    move=-0.22,
    volatility=0.55,
    jumps_per_day=0.08,
    jump_size=0.012,
    premium=-0.0007,
    premium_deviation=0.0003,
    activity=0.8,
)
RECOVERY: Final = Regime(
    name="recovery",
    days=100,
    move=0.30,
    volatility=0.50,
    jumps_per_day=0.08,
    jump_size=0.012,
    premium=0.0001,
    premium_deviation=0.0003,
    activity=1.2,
)

STORY: Final = (
    CALM,
    RALLY,
    SQUEEZE,
    FROTH,
    CRASH,
    WINTER,
    RECOVERY,
    replace(CALM, days=47, move=0.04),
)


def story(days: int) -> tuple[Regime, ...]:
    """Return the whole story in `days` days; the moves stay, the moods last longer or shorter.

    Raises
    ------
    ConfigError
        If there is not at least a day for each regime.

    Examples
    --------
    >>> [(regime.name, regime.days) for regime in story(54)][:3]
    [('calm', 11), ('rally', 10), ('squeeze', 1)]
    >>> sum(regime.days for regime in story(365))
    365
    """
    if days < len(STORY):
        raise ConfigError(
            f"days = {days} is too short for the simulated market; it has {len(STORY)} regimes "
            f"of a day or more, so write {len(STORY)} or more"
        )
    spare = days - len(STORY)
    weights = [regime.days - 1 for regime in STORY]
    ends = [round(spare * sum(weights[: n + 1]) / sum(weights)) for n in range(len(STORY))]
    starts = [0, *ends[:-1]]
    return tuple(
        replace(regime, days=1 + end - begin)
        for regime, begin, end in zip(STORY, starts, ends, strict=True)
    )
