"""Top-ups whose answer never comes: the balance says what became of them."""

from dataclasses import replace

import pytest
from desk_bench import hedged, kinds, setup, stage

from hedgerow.execution.port import Failure, OutcomeUnknown
from hedgerow.live.chaos.wire import at_once
from hedgerow.live.drill.stage import Stage
from hedgerow.live.drill.switches import Switches
from hedgerow.live.effects import LiveEffect, SendTransfer
from hedgerow.live.setup import Setup
from hedgerow.live.view import State


def needy() -> Setup:
    """Return a task whose account wants more margin than it begins with."""
    task = setup()
    (account,) = task.terms.accounts
    account = replace(
        account, reserve=1_000_000.0, top_up_below=2.0, top_up_to=2.5, delay_seconds=1.0
    )
    return replace(task, terms=replace(task.terms, accounts=(account,)))


def sending(switches: Switches | None = None) -> Stage:
    """Return a stage on which a transfer has just been written down."""
    found = stage(needy())
    found.switches = switches or Switches()
    found.start()
    assert found.wait_for(lambda: bool(kinds(found, "sent")), 120.0) is not None
    return found


def books_agree(found: Stage) -> bool:
    there = found.venues["north"].exchange.accounts["main"].balance("USDT")
    purse = found.controller.core.desk.books.purses[0]
    return purse.wallet == pytest.approx(float(there)) and purse.transit == 0.0


def test_a_transfer_that_arrives_while_the_desk_is_down_is_booked_once_it_is_up() -> None:
    found = sending()
    found.kill()
    found.pass_by(5.0)
    found.start()
    found.pass_by(120.0)
    assert [fact["reason"] for fact in kinds(found, "arrived")] == [""]
    assert books_agree(found)
    assert found.controller.standing.state is State.TRADING
    assert not kinds(found, "difference")


class LosesTransfers(Switches):
    """Lets no transfer leave, while `loses` is set."""

    loses = True

    def before(self, effect: LiveEffect) -> Failure | None:
        if self.loses and isinstance(effect, SendTransfer):
            return Failure.UNREACHABLE
        return super().before(effect)


def test_a_transfer_that_never_left_goes_back_to_the_reserve_and_is_made_again() -> None:
    switches = LosesTransfers()
    found = sending(switches)
    found.kill()  # before it hears that nobody took it
    switches.loses = False
    found.start()
    found.pass_by(900.0)
    reasons = [fact["reason"] for fact in kinds(found, "arrived")]
    assert reasons == ["no balance shows it", ""]
    assert books_agree(found)
    assert not kinds(found, "difference")


def test_a_paper_venue_makes_a_transfer_once() -> None:
    found = hedged(needy())
    (sent, *_) = [record.key for record in found.records if record.kind == "sent"]
    account = found.venues["north"].account("main")
    before = found.venues["north"].exchange.accounts["main"].balance("USDT")
    with pytest.raises(OutcomeUnknown, match="was made already"):
        at_once(account.transfer("USDT", before, sent))
    assert found.venues["north"].exchange.accounts["main"].balance("USDT") == before
