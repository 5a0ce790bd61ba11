"""What the records of a journal add up to, told without the config of the desk that wrote them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from hedgerow.ledger.journal import JournalError, Record

_MOVES_A_POSITION: Final = frozenset({"fill", "liquidation", "deleveraging"})
_NOTHING: Final = 1e-9  # of a coin; sums of floats do not come back to zero


def describe(records: Iterable[Record]) -> dict[str, Any]:
    """Return state, positions, wallets, open orders and tripped guards after `records`.

    All values are plain: `wallets` by account and currency, `positions` by account and symbol in
    base coin, `orders` by client id, `guards` by name with what they said.

    Raises
    ------
    JournalError
        If a record does not hold what its kind needs.
    """
    told = _Told()
    for record in records:
        told.apply(record)
    return told.plain()


class _Told:
    """Sums over the records so far."""

    def __init__(self) -> None:
        self.last: Record | None = None
        self.kinds: Counter[str] = Counter()
        self.state: dict[str, Any] = {}
        self.positions: defaultdict[str, defaultdict[str, float]] = _two_deep()
        self.wallets: defaultdict[str, defaultdict[str, float]] = _two_deep()
        self.orders: dict[str, dict[str, Any]] = {}
        self.guards: dict[str, str] = {}
        self._readers: Mapping[str, Callable[[Record], None]] = {
            "state": self._state,
            "entry": self._entry,
            "intent": self._intent,
            "order": self._order,
            "trade": self._trade,
            "guard": self._guard,
            "breaker": self._breaker,
        }

    def apply(self, record: Record) -> None:
        self.last = record
        self.kinds[record.kind] += 1
        read = self._readers.get(record.kind)
        if read is None:
            return
        try:
            read(record)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise JournalError(
                f"record {record.number} ({record.kind}) does not hold what its kind needs "
                f"({error!r}); it was written by another version of hedgerow: read it with that one"
            ) from error

    def plain(self) -> dict[str, Any]:
        return {
            "record": self.last.number if self.last else 0,
            "time": self.last.time if self.last else None,
            "state": self.state,
            "positions": _settled(self.positions),
            "wallets": {account: dict(cash) for account, cash in self.wallets.items()},
            "orders": self.orders,
            "guards": self.guards,
            "kinds": dict(sorted(self.kinds.items())),
        }

    def _state(self, record: Record) -> None:
        body = record.body
        self.state = {
            "state": str(body["state"]),
            "since": record.time,
            "reason": str(body["reason"]),
            "by": str(body["by"]),
        }

    def _entry(self, record: Record) -> None:
        body = record.body
        account = body["account"]
        self.wallets[account][body["unit"]] += float(body["cash"])
        if body["instrument"] and body["kind"] in _MOVES_A_POSITION:
            self.positions[account][body["instrument"]] += float(body["quantity"])

    def _intent(self, record: Record) -> None:
        request = record.body["request"]
        names = ("venue", "account", "symbol", "side", "kind", "amount", "price", "purpose")
        self.orders[request["client_id"]] = {
            **{name: request[name] for name in names},
            "reduce_only": bool(request["reduce_only"]),
            "sent": record.time,
            "status": "not confirmed",
            "filled": "0",
        }

    def _order(self, record: Record) -> None:
        report = record.body["report"]
        order = self.orders.get(report["client_id"])
        if order is None:
            return
        order["status"] = report["status"]
        order["filled"] = str(max(Decimal(order["filled"]), Decimal(report["filled"])))
        if report["status"] != "open":
            del self.orders[report["client_id"]]

    def _trade(self, record: Record) -> None:
        report = record.body["report"]
        order = self.orders.get(report["client_id"])
        if order is None:
            return
        order["traded"] = str(Decimal(order.get("traded", "0")) + Decimal(report["amount"]))
        order["filled"] = str(max(Decimal(order["filled"]), Decimal(order["traded"])))
        order["status"] = "open"
        if Decimal(order["traded"]) >= Decimal(order["amount"]):
            del self.orders[report["client_id"]]

    def _guard(self, record: Record) -> None:
        body = record.body
        if body["what"] == "tripped":
            self.guards[body["guard"]] = str(body["message"])
        elif body["what"] == "reset":
            self.guards.pop(body["guard"], None)

    def _breaker(self, record: Record) -> None:
        body = record.body
        if body["tripped"]:
            self.guards[body["name"]] = str(body["text"])
        else:
            self.guards.pop(body["name"], None)


def _two_deep() -> defaultdict[str, defaultdict[str, float]]:
    return defaultdict(lambda: defaultdict(float))


def _settled(found: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {
        account: {symbol: size for symbol, size in sizes.items() if abs(size) > _NOTHING}
        for account, sizes in found.items()
    }
