"""One margin account: what it starts with and where more comes from."""

import math
from dataclasses import dataclass
from typing import Literal

from hedgerow.errors import ConfigError

Source = Literal["owned", "borrowed", "sold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledge:
    """Another asset in a cross account, that counts as collateral.

    Attributes
    ----------
    asset, amount
        What and how much, > 0; it comes out of the holding of that asset unless `extra`.
    haircut
        What its worth counts less, 0 up to below 1.
    """

    asset: str
    amount: float
    haircut: float = 0.0
    extra: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.amount) and self.amount > 0.0):
            raise ConfigError(
                f"[margin] pledge of {self.asset}: amount = {self.amount}: it must be > 0"
            )
        if not 0.0 <= self.haircut < 1.0:
            raise ConfigError(
                f"[margin] pledge of {self.asset}: haircut = {self.haircut}: write a fraction from "
                "0 up to below 1, such as 0.05"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """How the hedge is margined; amounts are in units of `collateral`.

    Attributes
    ----------
    collateral
        What the account holds: the currency its instruments pay in.
    deposit
        In the account from the start, > 0.
    mode
        ``"isolated"``: the account backs one position. ``"cross"``: all hedges that name it.
    name
        What a hedge calls the account.
    deposit_from, reserve_from
        ``"owned"``: it lies ready (a coin comes out of the holding unless `extra`).
        ``"borrowed"``: a loan against the coins, at the financing's rate.
        ``"sold"``: coins of the holding are sold as needed.
    reserve
        Off the venue, for top-ups.
    extra
        The coins of deposit and reserve are held beside the declared holding.
    top_up_below, top_up_to
        Headroom (equity less maintenance, over notional) that calls for cash, and that it
        restores; `top_up_to` is twice `top_up_below` unless given.
    withdraw_above, withdraw_to
        Headroom over which cash goes back to the reserve, and down to which; never by default.
    transfer_hours
        How long a transfer takes.
    pledges
        Other assets that back a cross account, each less its haircut. What an account owes in
        one asset while another counts is charged the financing's rate of borrowing.
    after_liquidation
        ``"rehedge"`` lets the policy act again, ``"stay"`` leaves the account closed.
    """

    collateral: str
    deposit: float
    mode: Literal["isolated", "cross"] = "isolated"
    name: str = "main"
    deposit_from: Source = "owned"
    reserve: float = 0.0
    reserve_from: Source = "owned"
    extra: bool = False
    top_up_below: float = 0.10
    top_up_to: float | None = None
    withdraw_above: float | None = None
    withdraw_to: float | None = None
    transfer_hours: float = 1.0
    after_liquidation: Literal["rehedge", "stay"] = "rehedge"
    pledges: tuple[Pledge, ...] = ()

    def __post_init__(self) -> None:
        for key in ("deposit", "reserve", "top_up_below", "transfer_hours"):
            value = getattr(self, key)
            if not math.isfinite(value) or value < 0.0:
                raise ConfigError(f"[margin] {key} = {value}: it must be a number >= 0")
        if self.deposit <= 0.0 and not self.pledges:
            raise ConfigError("[margin] deposit = 0: an account needs a deposit to hold a position")
        self._check_pledges()
        for key, allowed in (
            ("mode", ("isolated", "cross")),
            ("deposit_from", ("owned", "borrowed", "sold")),
            ("reserve_from", ("owned", "borrowed", "sold")),
            ("after_liquidation", ("rehedge", "stay")),
        ):
            if getattr(self, key) not in allowed:
                raise ConfigError(
                    f"[margin] {key} = {getattr(self, key)!r}: it must be one of "
                    + ", ".join(allowed)
                )
        self._check_thresholds()

    def _check_pledges(self) -> None:
        if self.pledges and self.mode != "cross":
            raise ConfigError(
                f"[margin] account {self.name!r} pledges {self.pledges[0].asset}, which only a "
                'cross account can; set mode = "cross", or hold one collateral'
            )
        names = [self.collateral, *(pledge.asset for pledge in self.pledges)]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(
                    f"[margin] account {self.name!r} names {name} twice as collateral; write one "
                    "amount, as deposit if it is the account's own collateral"
                )

    def _check_thresholds(self) -> None:
        if self.upto <= self.top_up_below and self.top_up_below > 0.0:
            raise ConfigError(
                f"[margin] top_up_to = {self.upto} is not above top_up_below = "
                f"{self.top_up_below}: a top-up could never end the call; raise top_up_to"
            )
        if self.withdraw_above is not None:
            if self.withdraw_above <= self.upto:
                raise ConfigError(
                    f"[margin] withdraw_above = {self.withdraw_above} is not above top_up_to = "
                    f"{self.upto}: cash would go back and forth; raise withdraw_above"
                )
            if not self.upto <= self.downto <= self.withdraw_above:
                raise ConfigError(
                    f"[margin] withdraw_to = {self.withdraw_to}: it must lie between top_up_to = "
                    f"{self.upto} and withdraw_above = {self.withdraw_above}"
                )
        elif self.withdraw_to is not None:
            raise ConfigError("[margin] withdraw_to is given without withdraw_above; add it")

    @property
    def upto(self) -> float:
        """The headroom a top-up restores."""
        return 2.0 * self.top_up_below if self.top_up_to is None else self.top_up_to

    @property
    def downto(self) -> float:
        """The headroom a withdrawal leaves: halfway between top-up and withdrawal by default."""
        if self.withdraw_above is None:
            return math.inf
        if self.withdraw_to is None:
            return 0.5 * (self.upto + self.withdraw_above)
        return self.withdraw_to
