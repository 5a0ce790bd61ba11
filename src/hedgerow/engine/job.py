"""A whole hedging job: book, hedges, accounts and costs, as a person states it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hedgerow.errors import ConfigError
from hedgerow.execution.costs import Execution, Fees
from hedgerow.exposure.book import Book
from hedgerow.funding.financing import Financing
from hedgerow.margin.account import Margin
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.policies.base import Policy

MOST_RATIO = 1.5


@dataclass(frozen=True, slots=True)
class Hedge:
    """One instrument that hedges one asset of a book.

    Attributes
    ----------
    book
        What is hedged.
    instrument, venue
        A perpetual by its unified symbol, and where it is traded.
    policy
        Says how much to hold; each hedge has its own.
    ratio
        Part of the exposure to hedge, 0 to 1.5.
    mode
        ``"amount"`` matches coins, ``"value"`` the worth in quote at the perp's own price.
    cooldown_hours
        Least time between two trades.
    minimum_trade
        Smallest trade, quote.
    naked_limit
        Distance from the goal, quote, beyond which policy and cooldown are overruled.
    max_leverage
        Our own bound on leverage when a position grows.
    account
        Name of the `Margin` that backs it.
    """

    book: Book
    instrument: str = field(kw_only=True)
    venue: str = field(kw_only=True)
    policy: Policy = field(kw_only=True)
    ratio: float = field(default=1.0, kw_only=True)
    mode: Literal["amount", "value"] = field(default="amount", kw_only=True)
    cooldown_hours: float = field(default=0.0, kw_only=True)
    minimum_trade: float = field(default=0.0, kw_only=True)
    naked_limit: float = field(default=math.inf, kw_only=True)
    max_leverage: float = field(default=math.inf, kw_only=True)
    account: str = field(default="main", kw_only=True)

    def __post_init__(self) -> None:
        if parse_symbol(self.instrument).is_spot:
            raise ConfigError(
                f"[hedge] instrument = {self.instrument!r} is a spot pair; hedge with a perpetual, "
                f"such as {self.instrument}:{parse_symbol(self.instrument).quote}"
            )
        if parse_symbol(self.instrument).settlement is Settlement.QUANTO:
            symbol = parse_symbol(self.instrument)
            raise ConfigError(
                f"[hedge] instrument = {self.instrument!r} settles in {symbol.settle}, neither "
                f"{symbol.base} nor money; a hedge is linear or inverse (`hedgerow calc` knows "
                "quanto contracts)"
            )
        if not 0.0 <= self.ratio <= MOST_RATIO:
            raise ConfigError(f"[hedge] ratio = {self.ratio}: it must be from 0 to {MOST_RATIO}")
        if self.mode not in ("amount", "value"):
            raise ConfigError(f"[hedge] mode = {self.mode!r}: it must be amount or value")
        for key in ("cooldown_hours", "minimum_trade"):
            value = getattr(self, key)
            if not math.isfinite(value) or value < 0.0:
                raise ConfigError(f"[hedge] {key} = {value}: it must be a number >= 0")
        for key in ("naked_limit", "max_leverage"):
            if not getattr(self, key) > 0.0:
                raise ConfigError(f"[hedge] {key} = {getattr(self, key)}: it must be > 0")
        if not isinstance(self.policy, Policy):
            raise ConfigError(
                f"[hedge] policy {self.policy!r} is none; give a value such as Band() or what "
                "@policy made, called with its numbers"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything a run is asked for but the market.

    `hedges` share one book; each names one of `margins`.
    """

    hedges: Sequence[Hedge]
    margins: Sequence[Margin]
    execution: Execution = field(default_factory=Execution)
    fees: Fees = field(default_factory=Fees)
    financing: Financing = field(default_factory=Financing)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hedges", tuple(self.hedges))
        object.__setattr__(self, "margins", tuple(self.margins))
        if not self.hedges:
            raise ConfigError("the job has no hedge; declare one under [hedge]")
        names = [margin.name for margin in self.margins]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(f"two accounts are called {name!r}; rename one")
        for hedge in self.hedges:
            if hedge.book != self.book:
                raise ConfigError("all hedges of one run must hedge the same book")
            if hedge.account not in names:
                raise ConfigError(
                    f"[hedge] {hedge.instrument}: account {hedge.account!r} is none of "
                    f"{', '.join(names) or 'nothing'}; add a [margin] of that name"
                )
        self._check_ratios()
        for margin in self.margins:
            self._check_account(margin)

    @property
    def book(self) -> Book:
        """What is hedged."""
        return self.hedges[0].book

    def margin_of(self, hedge: Hedge) -> Margin:
        """Return the account that backs a hedge."""
        return next(margin for margin in self.margins if margin.name == hedge.account)

    def hedges_in(self, margin: Margin) -> tuple[Hedge, ...]:
        """Return the hedges that an account backs."""
        return tuple(hedge for hedge in self.hedges if hedge.account == margin.name)

    def _check_ratios(self) -> None:
        """Refuse hedges that together ask for more of one asset than any one of them may."""
        asked: dict[str, float] = {}
        for hedge in self.hedges:
            base = parse_symbol(hedge.instrument).base
            asked[base] = asked.get(base, 0.0) + hedge.ratio
        for base, ratio in asked.items():
            if ratio > MOST_RATIO + 1e-9:
                raise ConfigError(
                    f"[hedge] the hedges of {base} ask for {ratio:g} times its exposure together; "
                    f"share it out, so that their ratios add up to {MOST_RATIO} at most"
                )
        places = [(hedge.venue, hedge.instrument, hedge.account) for hedge in self.hedges]
        for venue, instrument, account in places:
            if places.count((venue, instrument, account)) > 1:
                raise ConfigError(
                    f"[hedge] {instrument} at {venue} is hedged twice from account {account!r}; "
                    "join the two, or give one its own account"
                )

    def _check_account(self, margin: Margin) -> None:
        backed = self.hedges_in(margin)
        if not backed:
            raise ConfigError(f"[margin] account {margin.name!r} backs no hedge; remove it")
        if margin.mode == "isolated" and len(backed) > 1:
            raise ConfigError(
                f"[margin] account {margin.name!r} is isolated and backs {len(backed)} hedges; "
                'give each its own account, or set mode = "cross"'
            )
        pledged = [pledge.asset for pledge in margin.pledges]
        for hedge in backed:
            settle = parse_symbol(hedge.instrument).settle
            if settle != margin.collateral and settle not in pledged:
                raise ConfigError(
                    f"[margin] collateral = {margin.collateral!r}, but {hedge.instrument} pays and "
                    f"is margined in {settle}; set collateral = {settle!r} or choose an instrument "
                    f"that settles in {margin.collateral}"
                )
        venues = sorted({hedge.venue for hedge in backed})
        if len(venues) > 1:
            raise ConfigError(
                f"[margin] account {margin.name!r} backs hedges at {' and '.join(venues)}; an "
                "account lies at one venue, so give each its own"
            )
        coin = parse_symbol(backed[0].instrument).base
        raised = [
            key for key in ("deposit_from", "reserve_from") if getattr(margin, key) != "owned"
        ]
        if raised and margin.collateral == coin:
            raise ConfigError(
                f"[margin] {raised[0]} = {getattr(margin, raised[0])!r} with collateral {coin}: "
                f"coins cannot be raised against themselves; set it to 'owned'"
            )
        self._check_pledged(margin)
        held = self.book.amount(margin.collateral)
        declared = any(holding.asset == margin.collateral for holding in self.book.holdings)
        owned = sum(
            amount
            for amount, source in (
                (margin.deposit, margin.deposit_from),
                (margin.reserve, margin.reserve_from),
            )
            if source == "owned"
        )
        if declared and not margin.extra and owned > held:
            raise ConfigError(
                f"[margin] deposit and reserve of {owned:g} {margin.collateral} come out of the "
                f"holding, which has {held:g}; lower them, or set extra = true if they are held "
                "beside it"
            )

    def _check_pledged(self, margin: Margin) -> None:
        """Refuse pledges of more coins than the book has to give."""
        for pledge in margin.pledges:
            if pledge.extra:
                continue
            wanted = sum(
                other.amount
                for account in self.margins
                for other in account.pledges
                if other.asset == pledge.asset and not other.extra
            )
            held = self.book.amount(pledge.asset)
            if wanted > held:
                raise ConfigError(
                    f"[margin] the pledges of {wanted:g} {pledge.asset} come out of the holding, "
                    f"which has {held:g}; lower them, or set extra = true if they are held beside "
                    "it"
                )
