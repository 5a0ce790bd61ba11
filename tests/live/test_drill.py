"""A drill finds what a desk cannot do, and nothing where it can do it all."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from functools import cache

import pytest
from desk_bench import CARE, PRICE, setup

from hedgerow.errors import HedgeError
from hedgerow.execution.order import Side, TradeReport
from hedgerow.execution.style import Style
from hedgerow.live.controller import Controller
from hedgerow.live.drill.acts import GROUPS
from hedgerow.live.drill.drill import Ending, Verdict, drill
from hedgerow.live.drill.stage import Task
from hedgerow.live.effects import Outcome
from hedgerow.live.failover import FailoverPlan
from hedgerow.live.setup import Answers, Setup
from hedgerow.live.signals import Signal
from hedgerow.units import SECOND

PLAN = FailoverPlan(stand_ins={0: (1,)})


def short_of(deposit: float, ratios: dict[str, float] | None = None) -> Setup:
    """Return the task with so much collateral in each account."""
    found = setup(ratios)
    accounts = tuple(replace(one, deposit=deposit) for one in found.terms.accounts)
    return replace(found, terms=replace(found.terms, accounts=accounts))


TWO = short_of(200_000.0, {"main": 1.0, "other": 0.0})


def task(given: Setup | None = None, **care: object) -> Task:
    return Task(
        setup=given or setup(),
        care=replace(CARE, **care),  # type: ignore[arg-type]
        prices={"BTC": PRICE},
    )


@cache
def played(only: str = "", kind: type[Controller] = Controller) -> tuple[Ending, ...]:
    groups = (only,) if only else ()
    return tuple(drill(task(TWO, failover=PLAN), limit=60.0, only=groups, kind=kind))


def test_a_sound_desk_passes_every_act() -> None:
    endings = played()
    assert {ending.group for ending in endings} == set(GROUPS)
    allowed = {Verdict.HEDGED, Verdict.RESUMED, Verdict.HELD_BACK}
    assert {ending.verdict for ending in endings} <= allowed, [
        (ending.killed, ending.why) for ending in endings if ending.verdict not in allowed
    ]
    assert all(ending.did for ending in endings)


def test_the_same_seed_is_the_same_drill() -> None:
    again = drill(task(TWO, failover=PLAN), limit=60.0, only=("leg", "process"))
    before = [ending for ending in played() if ending.group in {"leg", "process"}]
    assert list(again) == before


def test_a_person_is_asked_where_the_config_says_so() -> None:
    by_hand = "half of BTC/USDT:USDT at north is closed by hand"

    def verdict(**answers: str) -> Ending:
        given = setup(answers=Answers(**answers))  # type: ignore[arg-type]
        return {one.killed: one for one in drill(task(given), limit=60.0, only=("leg",))}[by_hand]

    for answer in ("pause", "adopt"):
        ending = verdict(manual=answer)
        assert ending.verdict is Verdict.RESUMED
        assert "somebody traded past the desk" in ending.why
    assert verdict(manual="rehedge").verdict is Verdict.HEDGED


def test_a_limit_of_the_config_is_named_where_it_keeps_the_book_open() -> None:
    (ending,) = [one for one in played() if "is liquidated" in one.killed]
    assert ending.verdict is Verdict.HELD_BACK
    assert ending.why.startswith("the account's equity opens no more; waited for a person")


def test_failover_is_drilled_and_the_other_venue_gives_it_back() -> None:
    (ending,) = [one for one in played() if one.group == "failover"]
    assert ending.verdict is Verdict.HEDGED
    assert any("held elsewhere" in text for text in ending.did)
    assert any(text.endswith("holds its own hedge again") for text in ending.did)


def test_a_desk_that_is_too_slow_fails_with_the_seconds_it_took() -> None:
    slow = setup(styles=(Style(route="maker", patience=600 * SECOND),))
    endings = list(drill(task(slow), limit=2.0, only=("journal",)))
    assert [ending.verdict for ending in endings] == [Verdict.FAILED]
    assert "too late" in endings[0].why


def test_a_book_that_cannot_be_hedged_at_all_is_said_so() -> None:
    with pytest.raises(HedgeError, match=r"nothing to drill: .*equity opens no more"):
        list(drill(task(short_of(1_000.0)), limit=60.0, only=("journal",)))


class Forgets(Controller):
    """Writes no word of its orders."""

    def handle(self, signal: Signal) -> Outcome:
        outcome = super().handle(signal)
        return Outcome(
            tuple(draft for draft in outcome.drafts if draft.kind != "intent"), outcome.effects
        )


class Mishears(Controller):
    """Books every purchase of somebody else as half of it."""

    def handle(self, signal: Signal) -> Outcome:
        if isinstance(signal, TradeReport) and not signal.client_id and signal.side is Side.BUY:
            signal = replace(signal, amount=(signal.amount / 2).quantize(Decimal("0.001")))
        return super().handle(signal)


@pytest.mark.parametrize(("kind", "group"), [(Forgets, "process"), (Mishears, "leg")])
def test_a_planted_bug_is_found(kind: type[Controller], group: str) -> None:
    endings = list(drill(task(), limit=60.0, only=(group,), kind=kind))
    found = Counter(ending.verdict for ending in endings)
    assert found[Verdict.FAILED], [(one.killed, one.verdict, one.why) for one in endings]
    assert all(one.why for one in endings if one.verdict is Verdict.FAILED)
