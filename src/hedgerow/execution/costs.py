"""When orders fill, at what price, for which fee."""

import math
from dataclasses import dataclass
from typing import Literal

from hedgerow.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How an order decided at a bar's close is done.

    Attributes
    ----------
    fill
        ``"next_open"``, ``"next_mean"`` (mean of the next bar's open, high, low and close) or
        ``"close"`` of the bar that decided.
    half_spread
        Given up on each trade, fraction of price.
    impact
        Coefficient of square-root impact on the bar's volume; 0 for none, about 1 is usual.
    latency_seconds
        Adds the volatility of this time to slippage.
    role
        ``"taker"``, or ``"maker"``: the order rests at the reference price, pays the maker fee
        and no spread, and fills only if the bar trades through it.
    """

    fill: Literal["next_open", "next_mean", "close"] = "next_open"
    half_spread: float = 0.0001
    impact: float = 0.0
    latency_seconds: float = 0.0
    role: Literal["taker", "maker"] = "taker"

    def __post_init__(self) -> None:
        if self.fill not in ("next_open", "next_mean", "close"):
            raise ConfigError(
                f"[execution] fill = {self.fill!r}: it must be next_open, next_mean or close"
            )
        if self.role not in ("taker", "maker"):
            raise ConfigError(f"[execution] role = {self.role!r}: it must be taker or maker")
        for key, most in (("half_spread", 0.5), ("impact", 100.0), ("latency_seconds", 3600.0)):
            value = getattr(self, key)
            if not math.isfinite(value) or not 0.0 <= value <= most:
                raise ConfigError(f"[execution] {key} = {value}: it must be from 0 to {most:g}")
        if self.role == "maker" and self.fill != "next_open":
            raise ConfigError(
                '[execution] role = "maker" rests an order at the next open; set fill = "next_open"'
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Trading fees: a tier of the venue's table, or own numbers as fractions of notional."""

    tier: str = "base"
    maker: float | None = None
    taker: float | None = None

    def __post_init__(self) -> None:
        for key in ("maker", "taker"):
            value = getattr(self, key)
            if value is not None and (not math.isfinite(value) or not -0.01 <= value <= 0.1):
                raise ConfigError(
                    f"[fees] {key} = {value}: a fraction of notional, from -0.01 (rebate) to 0.1"
                )
