"""What our journal says changed an account's wallet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from hedgerow.adapters.statements.line import Flow, Line
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.ledger.journal import Record

ZERO: Final = Decimal(0)
STEP: Final = Decimal("1e-8")  # the ledger counts in floats; venues state no more digits
ELSEWHERE: Final = frozenset({"reserve", "holding", "debt"})
_FLOWS: Final = {
    "funding": Flow.FUNDING,
    "arrival": Flow.TRANSFER,
    "withdrawal": Flow.TRANSFER,
    "flow": Flow.TRANSFER,
    "interest": Flow.INTEREST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OurBooks:
    """The entries of one account, oldest first, and all accounts there are."""

    account: str
    lines: tuple[Line, ...]


def our_books(records: Iterable[Record], *, venue: str = "", account: str = "") -> OurBooks:
    """Return what a journal says of one account's wallet.

    Parameters
    ----------
    venue
        Of the statement; the journal says which account is held there.
    account
        The account's name in the journal; needed where it has several and does not say.

    Raises
    ------
    ConfigError
        If it is not clear which account is meant.
    """
    lines: dict[str, list[Line]] = {}
    venues: dict[str, str] = {}
    for record in records:
        if record.kind == "opened":
            venues.update(_venues(record.body))
        elif record.kind == "entry":
            for line in _lines(record):
                lines.setdefault(str(record.body["account"]), []).append(line)
    chosen = _chosen(lines, venues, venue, account)
    return OurBooks(account=chosen, lines=tuple(sorted(lines[chosen], key=lambda line: line.time)))


def _venues(body: Mapping[str, Any]) -> dict[str, str]:
    found = body.get("venues")
    if not isinstance(found, Mapping):
        return {}
    return {str(name): str(venue) for name, venue in found.items()}


def _chosen(
    lines: Mapping[str, object], venues: Mapping[str, str], venue: str, account: str
) -> str:
    known = sorted(lines)
    if not known:
        raise ConfigError("the journal has no ledger entries; give the journal of a desk that ran")
    if account:
        if account not in lines:
            raise UnknownName("account", account, known, where="--account")
        return account
    there = [name for name in known if not venue or venues.get(name, venue) == venue]
    if len(there) == 1:
        return there[0]
    if not there:
        held = ", ".join(f"{name} at {venues[name]}" for name in known)
        raise ConfigError(
            f"--venue {venue}: the journal's accounts are {held}; give the statement of one of them"
        )
    raise ConfigError(
        f"the journal has the accounts {', '.join(there)}; say which one the statement is of with "
        "--account NAME"
    )


def _lines(record: Record) -> Iterator[Line]:
    body = record.body
    if body["account"] in ELSEWHERE:
        return
    kind = str(body["kind"])
    parts: dict[Flow, Decimal]
    cash, fee, realised = (_exact(body[name]) for name in ("cash", "fee", "realised"))
    match kind:
        case "opening":
            return  # what there was before the first line
        case "fill" | "liquidation" | "deleveraging" | "conversion":
            parts = {
                Flow.REALISED: realised,
                Flow.FEE: fee,
                Flow.OTHER: _exact(body["cash"]) - realised - fee,
            }
        case _:
            parts = {_FLOWS.get(kind, Flow.OTHER): cash}
    for flow, amount in parts.items():
        if abs(amount) >= STEP:
            yield Line(
                time=record.body["time"],
                flow=flow,
                amount=amount,
                currency=str(body["unit"]),
                symbol=str(body["instrument"]),
                source=f"record {record.number}",
            )


def _exact(number: float) -> Decimal:
    return Decimal(repr(float(number))).quantize(STEP)
