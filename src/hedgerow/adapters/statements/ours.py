"""What our journal says changed an account's wallet."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hedgerow.adapters.statements.line import Flow, Line
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.ledger.journal import Record

ZERO: Final = Decimal(0)
STEP: Final = Decimal("1e-8")  # the ledger counts in floats; venues state no more digits
FACE: Final = Decimal("1e-4")  # of a quote: no venue's contract has a finer face
TRADES: Final = frozenset({"fill", "liquidation", "deleveraging"})
ELSEWHERE: Final = frozenset({"reserve", "holding", "debt"})
_FLOWS: Final = {
    "funding": Flow.FUNDING,
    "arrival": Flow.TRANSFER,
    "withdrawal": Flow.TRANSFER,
    "interest": Flow.INTEREST,
}
_NAMED: Final = {"rebate": Flow.FEE, "other": Flow.OTHER}  # flows that a venue told by name


class Traded(NamedTuple):
    """A change of position: signed, coins if linear, quote face if inverse."""

    time: int
    symbol: str
    size: Decimal
    price: Decimal
    inverse: bool
    source: str


class Mark(NamedTuple):
    """The price at which funding of a symbol was settled."""

    time: int
    symbol: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OurBooks:
    """The entries of one account, oldest first; its trades, and prices at its settlements."""

    account: str
    lines: tuple[Line, ...]
    trades: tuple[Traded, ...] = ()
    marks: tuple[Mark, ...] = ()


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
    entries: dict[str, list[Record]] = {}
    for record in records:
        if record.kind == "opened":
            venues.update(_venues(record.body))
        elif record.kind == "entry":
            entries.setdefault(str(record.body["account"]), []).append(record)
            for line in _lines(record):
                lines.setdefault(str(record.body["account"]), []).append(line)
    chosen = _chosen(lines, venues, venue, account)
    own = sorted(entries[chosen], key=lambda record: int(record.body["time"]))
    return OurBooks(
        account=chosen,
        lines=tuple(sorted(lines[chosen], key=lambda line: line.time)),
        trades=tuple(_trade(one) for one in own if _is_priced(one, TRADES)),
        marks=tuple(_mark(one) for one in own if _is_priced(one, {"funding"})),
    )


def _is_priced(record: Record, kinds: Collection[str]) -> bool:
    return record.body["kind"] in kinds and float(record.body["price"]) > 0.0


def _trade(record: Record) -> Traded:
    body = record.body
    pair, _, settle = str(body["instrument"]).partition(":")
    inverse = settle == pair.partition("/")[0]
    price = Decimal(repr(float(body["price"])))
    size = float(body["quantity"]) * (float(body["price"]) if inverse else 1.0)
    return Traded(
        time=int(body["time"]),
        symbol=str(body["instrument"]),
        size=Decimal(repr(size)).quantize(FACE if inverse else STEP),
        price=price,
        inverse=inverse,
        source=f"record {record.number}",
    )


def _mark(record: Record) -> Mark:
    price = Decimal(repr(float(record.body["price"])))
    return Mark(time=int(record.body["time"]), symbol=str(record.body["instrument"]), price=price)


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
        case "liquidation" if str(body["note"]).startswith("covered"):
            parts = {Flow.FEE: cash}  # what the insurance fund took or bore
        case "fill" | "liquidation" | "deleveraging" | "conversion":
            parts = {
                Flow.REALISED: realised,
                Flow.FEE: fee,
                Flow.OTHER: _exact(body["cash"] - body["realised"] - body["fee"]),
            }
        case "flow":
            parts = {_NAMED.get(str(body["note"]), Flow.TRANSFER): cash}
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
