"""Trade only when the hedge leaves a band around its goal."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from hedgerow.errors import ConfigError
from hedgerow.policies.rule import Rule


def band(
    exposure: float, goal: float, held: float, *, half_width: float, to_centre: float
) -> float:
    """Return what is held inside the band; outside, its nearer edge or its centre.

    The half-width is a fraction of the exposure.
    """
    width = half_width * abs(exposure)
    gap = held - goal
    if abs(gap) <= width:
        return held
    if to_centre != 0.0:
        return goal
    return goal + width if gap > 0.0 else goal - width


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Leave the hedge alone within ``half_width * exposure`` of its goal.

    Attributes
    ----------
    half_width
        Fraction of the exposure, >= 0; 0 trades at every change of a lot.
    to
        Where a trade goes: the ``"edge"`` that was crossed, which is optimal under proportional
        costs, or the ``"centre"``.
    """

    half_width: float = 0.02
    to: Literal["edge", "centre"] = "edge"

    name: ClassVar[str] = "band"
    rule: ClassVar[Rule] = Rule("band", band)

    def __post_init__(self) -> None:
        if not 0.0 <= self.half_width <= 10.0:
            raise ConfigError(
                f"half_width = {self.half_width}: must be a fraction of the exposure, 0 to 10"
            )
        if self.to not in ("edge", "centre"):
            raise ConfigError(f"to = {self.to!r}: must be 'edge' or 'centre'")

    def numbers(self) -> tuple[float, ...]:
        """Return ``(half_width, 1 for the centre)``."""
        return self.half_width, 1.0 if self.to == "centre" else 0.0
