"""Two-leg trades: the less liquid leg leads, the other follows its fills, none stays alone.

A clock sums naked notional times seconds. A quarter of its limit makes both legs take, half of it
stops the leading one, three quarters (or a second leg that cannot trade) send it back.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from hedgerow.errors import ConfigError
from hedgerow.execution.child import ZERO
from hedgerow.execution.codec import encode
from hedgerow.execution.dealer import Dealer, Permission, Touch
from hedgerow.execution.dealer_plan import smallest
from hedgerow.execution.effects import Notice
from hedgerow.execution.machine import Step
from hedgerow.execution.order import Listing
from hedgerow.execution.pair_book import PairBook, PairTrade, Phase
from hedgerow.execution.quantise import amount_of, exact, notional, whole_lots
from hedgerow.execution.style import Limits
from hedgerow.ledger.journal import Draft, Record
from hedgerow.units import SECOND

_HURRY, _SQUARE, _UNWIND = 0.25, 0.5, 0.75  # of the limit
_TRIES: Final = 5  # times the second leg is asked again before the first goes back


class Pairs:
    """Drives two-leg trades over a dealer; call `advance` after whatever the dealer heard.

    Parameters
    ----------
    dealer
        Works the orders; no one else aims at the legs of a pair that is under way.
    """

    __slots__ = ("_book", "_dealer", "_limits", "_listings")

    def __init__(self, dealer: Dealer, listings: Sequence[Listing], limits: Limits) -> None:
        self._dealer = dealer
        self._listings = tuple(listings)
        self._limits = limits
        self._book = PairBook()

    def open(
        self,
        pair_id: str,
        first: int,
        second: int,
        targets: tuple[Decimal, Decimal],
        touches: Mapping[int, Touch],
        now: int,
        permission: Permission = Permission.ALL,
        *,
        liquidity: tuple[float, float] = (0.0, 1.0),
    ) -> Step:
        """Begin to bring two legs to absolute targets together; zeros close them.

        Parameters
        ----------
        liquidity
            Score of each leg, such as depth over spread: the lower one leads.
        """
        legs = ((first, targets[0]), (second, targets[1]))
        if liquidity[0] > liquidity[1]:
            legs = (legs[1], legs[0])
        starts = tuple(self._dealer.expected(leg) for leg, _ in legs)
        busy = [
            t.pair_id for t in self._book.trades.values() if {t.first, t.second} & {first, second}
        ]
        if first == second or busy or pair_id in self._book.trades:
            raise ConfigError(
                f"pair {pair_id!r}: legs {first} and {second} must be two, and in no other pair "
                f"under way ({', '.join(busy) or 'none is'})"
            )
        if any(start == target for start, (_, target) in zip(starts, legs, strict=True)):
            raise ConfigError(
                f"pair {pair_id!r}: a leg is at its target already; give the other leg an aim"
            )
        trade = PairTrade(
            pair_id=pair_id,
            first=legs[0][0],
            second=legs[1][0],
            starts=starts,
            targets=tuple(target for _, target in legs),
            purpose="pair",
            opened=now,
            at=now,
        )
        begun = self._write(now, {"what": "open", "pair": pair_id, "trade": encode(trade)})
        return begun.then(self.advance(now, touches, permission))

    def advance(
        self,
        now: int,
        touches: Mapping[int, Touch],
        permission: Permission | Mapping[int, Permission],
    ) -> Step:
        """Do what is due for every two-leg trade; `permission` is one, or one for each leg."""
        step = Step()
        for name, trade in tuple(self._book.trades.items()):
            allowed = (
                permission
                if isinstance(permission, Permission)
                else min(permission[trade.first], permission[trade.second])
            )
            turn = _Turn(self, name, now, touches, allowed)
            step = step.then(turn.taken())
        return step

    def active(self) -> tuple[PairTrade, ...]:
        """Return the trades under way."""
        return tuple(self._book.trades.values())

    def naked_seconds(self) -> dict[str, float]:
        """Return for how long finished trades were naked: count, median, p90, p99 and most."""
        held = sorted(each / SECOND for each in self._book.finished)
        if not held:
            return {"count": 0.0, "p50": 0.0, "p90": 0.0, "p99": 0.0, "max": 0.0}
        ranks = {
            name: held[min(int(share * len(held)), len(held) - 1)]
            for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0))
        }
        return {"count": float(len(held)), **ranks}

    def durations(self) -> tuple[int, ...]:
        """Return for how long each finished trade was naked, nanoseconds."""
        return tuple(self._book.finished)

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact."""
        self._book.apply(fact)

    def snapshot(self) -> object:
        """Return the whole state as plain, comparable values."""
        return self._book.snapshot()

    def _write(self, now: int, body: dict[str, Any]) -> Step:
        draft = Draft(time=now, kind="pair", body=body)
        self._book.apply(draft)
        return Step((draft,))


class _Turn:
    """One look at one two-leg trade."""

    __slots__ = ("_dealer", "_name", "_now", "_pairs", "_permission", "_step", "_touches")

    def __init__(
        self,
        pairs: Pairs,
        name: str,
        now: int,
        touches: Mapping[int, Touch],
        permission: Permission,
    ) -> None:
        self._pairs = pairs
        self._dealer = pairs._dealer  # noqa: SLF001 - one machine in two classes
        self._name = name
        self._now = now
        self._touches = touches
        self._permission = permission
        self._step = Step()

    @property
    def trade(self) -> PairTrade:
        return self._pairs._book.trades[self._name]  # noqa: SLF001

    def taken(self) -> Step:
        """Look at the clock, decide on the phase, and act."""
        trade = self.trade
        if self._price(trade.first) is None or self._price(trade.second) is None:
            return self._step
        self._watch()
        self._decide()
        phase = self.trade.phase
        if phase is Phase.SQUARING:
            self._square()
        elif phase is Phase.UNWINDING:
            self._unwind()
        else:
            self._lead(hurry=phase is Phase.HURRY)
        return self._step

    # --- what there is ------------------------------------------------------------------------

    def _listing(self, leg: int) -> Listing:
        return self._pairs._listings[leg]  # noqa: SLF001

    def _price(self, leg: int) -> Decimal | None:
        touch = self._touches.get(leg)
        if touch is None:
            return None
        bid, ask = exact(touch.bid), exact(touch.ask)
        return None if bid is None or ask is None else (bid + ask) / 2

    def _middle(self, leg: int) -> Decimal:
        price = self._price(leg)
        return ZERO if price is None else price

    def _wanted_second(self, position: Decimal) -> Decimal:
        """Return where the second leg matches the first one at a position."""
        trade = self.trade
        if position == trade.targets[0]:
            return trade.targets[1]
        return trade.starts[1] + (position - trade.starts[0]) * trade.ratio

    def _wanted_first(self, position: Decimal) -> Decimal:
        """Return where the first leg matches the second one at a position."""
        trade = self.trade
        return trade.starts[0] + (position - trade.starts[1]) / trade.ratio

    def _gap(self) -> Decimal:
        """Return what the second leg lacks, at its worst."""
        trade = self.trade
        firsts = {self._dealer.expected(trade.first), *self._dealer.doubtful(trade.first)}
        seconds = {self._dealer.expected(trade.second), *self._dealer.doubtful(trade.second)}
        gaps = [self._wanted_second(one) - two for one in firsts for two in seconds]
        return max(gaps, key=abs)

    def _grain(self) -> Decimal:
        """Return the gap that lots leave, unit of the second leg."""
        trade = self.trade
        first = self._listing(trade.first).lot * abs(trade.ratio)
        return max(first, self._listing(trade.second).lot)

    def _tradable(self, leg: int, target: Decimal) -> bool:
        """Return whether a venue takes an order from where a leg is to a target."""
        held = self._dealer.expected(leg)
        return tradable(self._listing(leg), held, target, self._middle(leg))

    def _may_go(self, leg: int, target: Decimal) -> bool:
        """Return whether an order from where a leg is to a target may be sent."""
        free = self._permission is Permission.ALL and not self._dealer.breakers()
        return free or abs(target) < abs(self._dealer.expected(leg))

    def _is_given(self, leg: int) -> bool:
        """Return whether the dealer gave up what was asked for a leg."""
        asked = self.trade.asked(leg)
        return (
            asked is not None
            and self._dealer.target(leg) is None
            and self._dealer.settled(leg)
            and self._tradable(leg, asked.target)
        )

    # --- what is decided ------------------------------------------------------------------------

    def _watch(self) -> None:
        """Keep the naked clock."""
        trade, gap = self.trade, self._gap()
        if abs(gap) < self._grain():
            gap = ZERO
        if gap != trade.gap:
            worth = notional(gap, self._middle(trade.second), self._listing(trade.second))
            self._write({"what": "naked", "gap": str(gap), "naked": str(worth)})
        area = self.trade.area_at(self._now)
        limit = self._pairs._limits.naked  # noqa: SLF001
        if float(area) > limit and not trade.told:
            self._write({"what": "told"})
            self._tell(
                f"pair {trade.pair_id} has been naked for {area:.0f} quote times seconds, the "
                f"limit is {limit:g}: {self.trade.naked:.2f} quote of leg {trade.second} are "
                "missing. It is being squared; look whether both venues trade, and close by hand "
                "what stays"
            )

    def _decide(self) -> None:
        """Move on to the phase that the clock and the venues ask for; never back."""
        trade, phase = self.trade, self.trade.phase
        used = float(trade.area_at(self._now)) / self._pairs._limits.naked  # noqa: SLF001
        over = float(trade.naked) > self._pairs._limits.naked_notional * 1.001  # noqa: SLF001
        if phase in {Phase.LEADING, Phase.HURRY}:
            if used >= _SQUARE:
                self._enter(Phase.SQUARING, "half of its naked limit is used")
            elif self._is_given(trade.first):
                self._enter(Phase.SQUARING, "the first leg was given up")
            elif self._is_given(trade.second):
                self._enter(Phase.SQUARING, "the second leg was given up")
            elif trade.adds_risk and not self._may_go(trade.first, trade.targets[0]):
                self._enter(Phase.SQUARING, "nothing that adds risk may be sent now")
            elif phase is Phase.LEADING and (used >= _HURRY or over):
                self._enter(Phase.HURRY, "a quarter of its naked limit is used")
        if self.trade.phase is Phase.SQUARING and trade.adds_risk:
            target = self._wanted_second(self._dealer.expected(trade.first))
            asked = trade.asked_second
            tired = asked is not None and asked.tries >= _TRIES and self._is_given(trade.second)
            if used >= _UNWIND or tired or not self._may_go(trade.second, target):
                self._enter(Phase.UNWINDING, self.trade.reason)

    def _enter(self, phase: Phase, reason: str) -> None:
        trade = self.trade
        self._write({"what": "phase", "phase": phase.value, "reason": reason})
        if trade.naked > ZERO and phase in {Phase.SQUARING, Phase.UNWINDING}:
            does = "chases it" if phase is Phase.SQUARING else "takes the first leg back"
            self._tell(
                f"pair {trade.pair_id}: {reason}; {trade.naked:.2f} quote of leg {trade.second} "
                f"are missing and the desk {does}. Nothing is to be done unless this lasts",
                level="warning",
            )

    # --- what is done ---------------------------------------------------------------------------

    def _lead(self, *, hurry: bool) -> None:
        """Let the first leg trade, no more ahead than it may be, and the second one follow."""
        trade = self.trade
        self._follow(hurry=hurry)
        if self._dealer.target(trade.first) is not None or not self._dealer.settled(trade.first):
            if hurry and trade.asked_first is not None and not trade.asked_first.hurry:
                self._ask(trade.first, trade.asked_first.target, hurry=True)
            return
        if self._tradable(trade.first, trade.targets[0]):
            if self.trade.gap == ZERO and self._dealer.settled(trade.second):
                self._ask(trade.first, self._next_first(), hurry=hurry)
        elif self._is_done(trade.second):
            self._finish()

    def _next_first(self) -> Decimal:
        """Return how far the first leg may go before the second one follows."""
        trade, listing = self.trade, self._listing(self.trade.first)
        start, most = self._dealer.expected(trade.first), self._pairs._limits.naked_notional  # noqa: SLF001
        way = trade.targets[0] - start
        if most == float("inf"):
            return trade.targets[0]
        middle = self._middle(trade.first)
        ahead = whole_lots(amount_of(Decimal(repr(most)), middle, listing), listing)
        ahead = max(ahead, smallest(listing, middle))
        if abs(way) < ahead + smallest(listing, middle):
            return trade.targets[0]
        return start + (ahead if way > ZERO else -ahead)

    def _square(self) -> None:
        """Stop the first leg; the second chases what is missing."""
        trade = self.trade
        self._stop(trade.first)
        self._follow(hurry=True, purpose="survivor")
        if self._dealer.settled(trade.first) and self._is_done(trade.second):
            target = self._wanted_first(self._dealer.expected(trade.second))
            if trade.adds_risk and self.trade.gap != ZERO and self._tradable(trade.first, target):
                self._enter(Phase.UNWINDING, "what is missing is too little for an order")
            else:
                self._finish()

    def _unwind(self) -> None:
        """Stop the second leg; the first goes back to what the second one matches at its most."""
        trade = self.trade
        self._stop(trade.second)
        low, high = self._dealer.bounds(trade.second)
        most = high if trade.targets[1] > trade.starts[1] else low
        target = self._wanted_first(most)
        back = (self._dealer.expected(trade.first) - target) * (trade.targets[0] - trade.starts[0])
        if back > ZERO and self._tradable(trade.first, target):
            self._ask(trade.first, target, hurry=True, purpose="survivor")
            return
        asked = trade.asked_first
        if asked is not None and asked.target != target:
            self._stop(trade.first)
        if self._dealer.settled(trade.first) and self._dealer.settled(trade.second):
            self._finish()

    def _follow(self, *, hurry: bool, purpose: str = "pair") -> None:
        leg = self.trade.second
        target = self._wanted_second(self._dealer.expected(self.trade.first))
        if self._tradable(leg, target):
            self._ask(leg, target, hurry=hurry, purpose=purpose)

    def _is_done(self, leg: int) -> bool:
        """Return whether nothing is out for the second leg and nothing is left to send."""
        target = self._wanted_second(self._dealer.expected(self.trade.first))
        return self._dealer.settled(leg) and not self._tradable(leg, target)

    def _ask(self, leg: int, target: Decimal, *, hurry: bool, purpose: str = "pair") -> None:
        """Ask the dealer for a position, once; again where it gave up, after a while."""
        asked = self.trade.asked(leg)
        same = asked is not None and (asked.target, asked.hurry) == (target, hurry)
        if asked is not None and same:
            if self._dealer.target(leg) is not None or self._now < asked.next_at:
                return
            if not self._dealer.settled(leg):
                return
        self._write({"what": "asked", "leg": leg, "target": str(target), "hurry": hurry})
        touch = self._touches[leg]
        self._step = self._step.then(
            self._dealer.aim(leg, target, touch, self._now, self._permission, purpose, hurry=hurry)
        )

    def _stop(self, leg: int) -> None:
        if self._dealer.target(leg) is not None:
            self._step = self._step.then(self._dealer.drop(leg, self._now, "the pair is squared"))

    def _finish(self) -> None:
        trade = self.trade
        area = trade.area_at(self._now)
        body = {"what": "end", "reason": trade.reason, "area": str(area), "gap": str(trade.gap)}
        self._write(body)

    def _write(self, body: dict[str, Any]) -> None:
        self._step = self._step.then(
            self._pairs._write(self._now, {"pair": self._name, **body})  # noqa: SLF001
        )

    def _tell(self, text: str, level: str = "critical") -> None:
        told = Notice(level=level, topic="naked", text=text)
        self._step = self._step.then(Step(effects=(told,)))


def tradable(listing: Listing, held: Decimal, target: Decimal, price: Decimal) -> bool:
    """Return whether a venue takes an order from what is held to a target."""
    amount = whole_lots(abs(target - held), listing)
    if amount == ZERO or amount < listing.minimum_size:
        return False
    whole = target == ZERO and not listing.spot
    return whole or amount >= smallest(listing, price)
