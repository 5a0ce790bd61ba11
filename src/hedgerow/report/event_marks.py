"""Vertical lines of the charts: when the venue acted on its own."""

from collections.abc import Iterator

from hedgerow.analysis.run import AccountRun, LegRun, Run
from hedgerow.report.chart import Mark


def run_marks(run: Run) -> tuple[Mark, ...]:
    """Return a line for each instrument at each liquidation and deleveraging."""
    return _once(
        Mark(time=time, label=f"{what} {instrument}") for time, what, instrument, _ in _acts(run)
    )


def leg_marks(run: Run, leg: LegRun) -> tuple[Mark, ...]:
    """Return the lines of one leg."""
    return _once(
        Mark(time=time, label=what)
        for time, what, instrument, account in _acts(run)
        if (instrument, account) == (leg.instrument, leg.account)
    )


def account_marks(run: Run, account: AccountRun) -> tuple[Mark, ...]:
    """Return the lines of one account, at each liquidation and each pledge that was taken."""
    acts = [(time, what) for time, what, _, name in _acts(run) if name == account.name]
    acts += [
        (each.time, f"{each.asset} taken")
        for each in run.conversions
        if each.account == account.name
    ]
    return _once(Mark(time=time, label=what) for time, what in acts)


def _acts(run: Run) -> Iterator[tuple[int, str, str, str]]:
    """Yield time, what was done, instrument and account; the steps of a liquidation each."""
    for event in run.liquidations:
        yield event.time, "liquidated", event.instrument, event.account
    for taken in run.deleveragings:
        yield taken.time, "deleveraged", taken.instrument, taken.account


def _once(marks: Iterator[Mark]) -> tuple[Mark, ...]:
    return tuple(dict.fromkeys(marks))
