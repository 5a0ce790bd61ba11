"""What is asked when the odds of liquidation are asked."""

from dataclasses import dataclass

from hedgerow.errors import ConfigError
from hedgerow.margin.odds.models import Diffusion, FundingPath, History, Horizon, Model, Reserve
from hedgerow.margin.odds.stake import Stake


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsQuestion:
    """An account, a market, and for how long.

    Attributes
    ----------
    stake
        The position and its collateral.
    model
        How the price moves.
    horizon
        How long, and how often the venue looks.
    reserve
        Cash that tops the account up; none by default.
    funding
        Paid and received on the way; none by default.
    """

    stake: Stake
    model: Model
    horizon: Horizon
    reserve: Reserve | None = None
    funding: FundingPath | None = None

    def __post_init__(self) -> None:
        if isinstance(self.model, History) and not self.horizon.monitor_hours:
            raise ConfigError(
                "monitor_hours = 0: recorded returns say nothing of the time between bars; look "
                f"once a bar, every {self.model.step_hours:g} h"
            )

    @property
    def is_closed(self) -> bool:
        """Whether the closed form answers it: constant volatility, and no cash on the way."""
        plain = self.funding is None and (self.reserve is None or not self.reserve.amount)
        return plain and isinstance(self.model, Diffusion)
