"""Charts of cash: each account with its reserve, and the calls."""

import numpy as np

from hedgerow.analysis.periods import instants
from hedgerow.analysis.run import AccountRun, Run
from hedgerow.ledger import EntryKind
from hedgerow.report.chart import Chart, Line, Mark, Style
from hedgerow.report.column import column
from hedgerow.report.event_marks import account_marks
from hedgerow.report.wording import Money, counted

MARKED = 12  # unmet calls that get a line; a dry reserve is asked again at every bar


def account_chart(run: Run, account: AccountRun, name: str) -> Chart:
    """Return what an account has, what the venue wants to see, and what is left behind it."""
    frame = account.series
    pledged = column(frame, "pledged")
    equity = column(frame, "wallet") + column(frame, "unrealised") + pledged
    lines = [Line(label="Equity on the venue", values=equity, role="hedged")]
    if np.any(pledged != 0.0):
        lines.append(Line(label="Pledged, less haircut", values=pledged, role="calm"))
    lines += [
        Line(
            label="Maintenance margin",
            values=column(frame, "maintenance"),
            role="danger",
            style=Style.DASHED,
        ),
        Line(
            label="Reserve left",
            values=column(frame, "reserve"),
            role="goal",
            style=Style.STAIRS,
        ),
    ]
    debt = column(frame, "debt")
    if np.any(debt != 0.0):
        lines.append(Line(label="Debt", values=debt, role="unhedged", style=Style.STAIRS))
    scale = max(account.deposit + account.reserve, float(np.nanmax(np.abs(equity), initial=0.0)))
    money = Money.for_scale(account.collateral, scale)
    return Chart(
        name=name,
        title="Account and reserve",
        unit=money.unit,
        decimals=money.decimals,
        lines=tuple(lines),
        times=instants(frame),
        step=run.step,
        zero=True,
        caption=" ".join(filter(None, (_pledges(account), _unmet(account)))),
        marks=(
            *(Mark(time=time, label="call not met") for time, _ in account.unmet[:MARKED]),
            *account_marks(run, account),
        ),
    )


def cash_call_chart(run: Run, money: Money) -> Chart | None:
    """Return the cash that was called, one bar a call, and what was posted in all."""
    entries = run.ledger.of(EntryKind.TOP_UP, EntryKind.WITHDRAWAL)
    if not any(entry.kind is EntryKind.TOP_UP for entry in entries):
        return None
    called = [
        abs(entry.value) * (1.0 if entry.kind is EntryKind.TOP_UP else -1.0) for entry in entries
    ]
    return Chart(
        name="cash-calls",
        title="Cash calls",
        unit=money.unit,
        decimals=money.decimals,
        lines=(
            Line(label="Called", values=np.array(called), role="danger", style=Style.BARS),
            Line(
                label="Posted in all",
                values=np.cumsum(called),
                role="goal",
                style=Style.STAIRS,
            ),
        ),
        times=np.array([entry.time for entry in entries], np.int64),
        zero=True,
        caption="Above zero: cash that went to the venue. Below zero: cash that came back.",
    )


def _pledges(account: AccountRun) -> str:
    """Return what the equity counts beside the wallet, "" where nothing is pledged."""
    return "Equity counts what is pledged, less its haircut." if account.pledges else ""


def _unmet(account: AccountRun) -> str:
    """Return how many calls the reserve could not meet, "" where it met all."""
    calls = len(account.unmet)
    if calls == 0:
        return ""
    marked = f", the first {MARKED} of them marked" if calls > MARKED else ""
    return f"{counted(calls, 'call')} the reserve could not meet{marked}."
