"""The pairs of a core: what they see of it, what they ask of it, and what policies must not do."""

from collections import defaultdict

from hedgerow.execution.dealer import Permission
from hedgerow.execution.machine import Step
from hedgerow.kernels.contract import base_size
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.core import Core
from hedgerow.live.pair_decisions import LegSide, PairLook, pair_decision
from hedgerow.live.pairing import Pairing, Sight, Targets
from hedgerow.live.setup import PairTask
from hedgerow.live.spot_booking import coin_of


class PairDesk:
    """Drives the pairs of one core; all that it remembers is in `pairing`."""

    def __init__(self, core: Core) -> None:
        setup = core.setup
        self.core = core
        self.pairing = Pairing(setup.pairs, core.dealer, setup.listings, setup.limits)

    def apply(self, fact: Draft | Record) -> None:
        """Take over one fact of the journal; others' are passed over."""
        self.pairing.apply(fact)

    def snapshot(self) -> object:
        """Return all state as plain, comparable values."""
        return self.pairing.snapshot()

    def look(self, *, closing: bool) -> None:
        """Let every pair do what is due, after whatever the dealer heard."""
        core = self.core
        may = core.allowed is not Permission.NONE or bool(core.finishing)
        if core.setup.pairs and may and core.desk.market.quotes:
            self._do(self.pairing.look(core.now, self._sight(closing=closing)))

    def cut(self, leg: int, lots: int) -> None:
        """Make the pair of a leg smaller, on both sides."""
        amount = lots * self.core.setup.listings[leg].lot
        self._do(self.pairing.cut(leg, amount, self.core.now, self._sight()))

    def reset(self, time: int) -> None:
        """Let pairs open again."""
        self.core.take(self.pairing.reset(time))

    def resume(self, time: int) -> None:
        """Let pairs try again at once that wait after a trade that was given up."""
        self.core.take(self.pairing.try_again(time))

    def leave_alone(self) -> None:
        """Shift goals: paired legs keep what they hold, and coins of pairs ask for no hedge."""
        if not self.core.setup.pairs:
            return
        core, coins = self.core, defaultdict[str, float](float)
        legs, quotes = core.desk.terms.legs, core.desk.market.quotes
        for leg in sorted(core.paired):
            if leg < len(legs):
                terms = legs[leg]
                size = core.desk.books.positions[leg].lots * terms.lot_size
                core.shift(leg, "pair", base_size(size, quotes[leg].mark, terms.inverse))
            else:
                coin = coin_of(core.setup.listings[leg])
                coins[coin] += float(core.dealer.position(leg))
        for leg, terms in enumerate(legs):
            if leg not in core.paired and terms.asset in coins:
                worth = quotes[leg].index_price / quotes[leg].mark if terms.by_value else 1.0
                core.shift(leg, "pair", terms.ratio * coins[terms.asset] * worth)

    def note_all(self, time: int, *, closing: bool) -> None:
        """Write down what is meant for every pair."""
        if self.core.setup.pairs:
            sight = self._sight(closing=closing)
            for task in self.core.setup.pairs:
                self._note(task, self.pairing.targets(task, time, sight), time, acts=False)

    def _do(self, step: Step) -> None:
        for task, targets in self.pairing.taken_acts():
            self._note(task, targets, self.core.now, acts=True)
        self.core.take(step)

    def _note(self, task: PairTask, targets: Targets, time: int, *, acts: bool) -> None:
        core = self.core
        seen = [core.market.seen(leg) for leg in task.legs]
        if seen[0] is None or seen[1] is None:
            return
        first, second = (float(core.dealer.position(leg)) for leg in task.legs)
        trade = self.pairing.trade(task)
        why_not = next(filter(None, map(core.why_not, task.legs)), "")
        look = PairLook(
            first=LegSide(first, float(targets[0]), seen[0]),
            second=LegSide(second, float(targets[1]), seen[1]),
            acts=acts,
            held_back=why_not or self.pairing.why_not(task, time),
            under_way="" if trade is None else str(trade.phase),
        )
        core.note_decision(pair_decision(core.setup, task, look), time)

    def _sight(self, *, closing: bool = False) -> Sight:
        core = self.core
        legs = range(len(core.setup.listings))
        found = {leg: core.market.seen(leg) for leg in legs}
        return Sight(
            touches=core.touches(),
            liquidity={leg: seen.liquidity if seen else 0.0 for leg, seen in found.items()},
            permission={leg: core.permission(leg) for leg in legs},
            left=frozenset(core.answered),
            closing=closing,
        )
