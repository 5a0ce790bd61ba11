"""An error of ccxt, made into what the desk may conclude from it."""

import re
from dataclasses import dataclass
from typing import Any, Final

from hedgerow.adapters.venues.keys import NOBODY, Keys
from hedgerow.errors import HedgeError
from hedgerow.execution.port import (
    ClockSkewed,
    Garbled,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unreachable,
    VenueError,
)

# What a reply that is none does to the parsers of ccxt.
BROKEN_REPLY: Final = (
    TypeError,
    KeyError,
    ValueError,
    AttributeError,
    IndexError,
    ArithmeticError,
)
CODE: Final = (
    re.compile(r'"sCode"\s*:\s*"?(-?\d+)'),
    re.compile(r'"(?:retCode|code|error_code)"\s*:\s*"?(-?\d+)'),
)
CODES: Final = {  # codes that say more, or something else, than the class ccxt gives them
    "binance": {
        "-1006": "unknown",
        "-1007": "unknown",
        "-1021": "clock",
        "-2014": "key",
        "-2015": "key",  # which ccxt calls too many requests once a key has worked
        "-2022": "reduce_only",
        "-4087": "restricted",
        "-4089": "restricted",
        "-4112": "reduce_only",
        "-4115": "seen",
        "-4116": "seen",
        "-4118": "reduce_only",
        "-4400": "restricted",
        "-4401": "restricted",
        "-5022": "post_only",
    },
    "bybit": {
        "10002": "clock",
        "10003": "key",
        "10004": "key",
        "10005": "key",
        "10014": "seen",
        "10016": "unknown",
        "110017": "reduce_only",
        "110030": "seen",
        "110042": "restricted",
        "110072": "seen",
        "12141": "seen",
        "170141": "seen",
        "170146": "unknown",
        "170147": "unknown",
    },
    "okx": {
        "50004": "unknown",
        "50102": "clock",
        "50111": "key",
        "50113": "key",
        "51011": "seen",
        "51016": "seen",
        "51149": "unknown",
        "51169": "reduce_only",
        "51205": "reduce_only",
    },
    "deribit": {
        "10028": "rate",
        "10040": "rate",  # "retry": not carried out
        "11054": "post_only",
        "13004": "key",
        "13009": "key",
        "13021": "key",
    },
}
NO_ANSWER: Final = frozenset(
    {"TimeoutError", "ConnectionTimeoutError", "ServerTimeoutError", "SocketTimeoutError"}
)
NEVER_LEFT: Final = frozenset(
    {
        "ClientConnectorError",  # refused, no route, no name, no certificate
        "ConnectionTimeoutError",
        "gaierror",
    }
)
REASONS: Final = {  # by the class of the error; the first that fits
    "InsufficientFunds": "funds",
    "OrderNotFound": "not_found",
    "OrderImmediatelyFillable": "post_only",
    "InvalidOrder": "order",
    "BadSymbol": "symbol",
    "MarketClosed": "closed",
    "AuthenticationError": "key",
    "ArgumentsRequired": "request",
    "BadRequest": "request",
    "NotSupported": "unsupported",
}
MENDS: Final = {
    "funds": "put collateral into the account, or make the hedge smaller",
    "not_found": "the venue has no such order; look at its trades",
    "post_only": "it would have taken; the desk prices it anew",
    "reduce_only": "the venue holds less than the desk thinks; reconcile",
    "order": "compare size, price and steps with the venue's rules: hedgerow doctor",
    "symbol": "it is delisted, renamed or closed; hedgerow doctor names the nearest",
    "restricted": "the account may only reduce; ask the venue why",
    "closed": "the market is closed; wait",
    "key": "check the key, its rights, its addresses, and that it is not of the test net",
    "request": "the venue does not understand it; check the versions: hedgerow doctor",
    "unsupported": "the venue does not offer it",
    "": "look its code up on the venue's page of error codes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of a venue, and whether it changes anything there."""

    venue: str
    what: str
    changes: bool = False
    keys: Keys = NOBODY

    def words(self, error: BaseException) -> str:
        """Return the error in a line, safe to show."""
        text = " ".join(str(error).split())
        kind = type(error).__name__
        safe = self.keys.redact(text)
        return f"{self.venue}: {self.what}: {kind}: {safe}" if safe else f"{self.what}: {kind}"

    def garbled(self, found: str) -> VenueError:
        """Return the error of a reply that is none: unknown where the request changes something."""
        text = f"{self.venue}: {self.what}: {self.keys.redact(found)}"
        if self.changes:
            return OutcomeUnknown(f"{text}; it may have been done: ask, do not send again")
        return Garbled(f"{text}; nothing is concluded from it, it is asked again")


def kinds_of(error: BaseException) -> frozenset[str]:
    """Return the names of the error's classes."""
    return frozenset(kind.__name__ for kind in type(error).__mro__)


def code_of(text: str) -> str:
    """Return the venue's own code in an error's text, empty where there is none."""
    for pattern in CODE:
        found = [code for code in pattern.findall(text) if code != "0"]
        if found:
            return str(found[-1])
    return ""


def translate(error: BaseException, asked: Asked) -> VenueError:
    """Return what the desk may conclude from `error`.

    Only a venue that says no, or a request that never left, is a certain no; whatever else
    befalls a request that changes something leaves its outcome unknown.
    """
    if isinstance(error, VenueError):
        return error
    if isinstance(error, HedgeError):
        return asked.garbled(str(error))
    if isinstance(error, BROKEN_REPLY):
        return asked.garbled(f"the reply has not the shape it should have ({error!r})")
    kinds, code, words = kinds_of(error), code_of(str(error)), asked.words(error)
    known = CODES.get(asked.venue, {}).get(code, "")
    said = _said(kinds, code, known, words) or _waits(kinds, known, words, error)
    if said is not None:
        return said
    if _never_left(error, kinds):
        return Unreachable(f"{words}; it never left: check the network, then wait")
    return _lost(error, kinds, known, asked) or _refusal(kinds, code, known, words)


def _lost(
    error: BaseException, kinds: frozenset[str], known: str, asked: Asked
) -> VenueError | None:
    """Return that there is no answer, or none that can be read."""
    if kinds & {"BadResponse", "ChecksumError", "NullResponse"}:
        return asked.garbled(str(error))
    if _is_open(error, kinds, known):
        words = asked.words(error)
        if asked.changes:
            return OutcomeUnknown(f"{words}; it may have been done: ask, do not send again")
        return Unreachable(f"{words}; nothing was changed, it is asked again")
    return None


def _said(kinds: frozenset[str], code: str, known: str, words: str) -> VenueError | None:
    """Return what the venue said for certain, or whose code says more than its class."""
    if known == "seen" or "DuplicateOrderId" in kinds:
        return OutcomeUnknown(f"{words}; the venue knows the id: ask what became of the order")
    if known == "key":
        return Refused(f"{words}; {MENDS['key']}", code=code, reason="key")
    if known == "clock" or (not known and "InvalidNonce" in kinds and "ChecksumError" not in kinds):
        return ClockSkewed(
            f"{words}; the clocks differ: set this machine's by NTP", code=code, reason="clock"
        )
    return None


def _waits(
    kinds: frozenset[str], known: str, words: str, error: BaseException
) -> VenueError | None:
    """Return that the venue did nothing and asks for patience, where that is certain."""
    if known == "rate" or (not known and kinds & {"DDoSProtection", "RateLimitExceeded"}):
        wait = retry_after(error)
        return RateLimited(f"{words}; nothing was done, wait {wait:g} s", retry_after=wait)
    if "OnMaintenance" in kinds:
        return Unreachable(f"{words}; the venue is in maintenance: wait")
    return None


def _refusal(kinds: frozenset[str], code: str, known: str, words: str) -> Refused:
    text = words.lower()
    if known in MENDS and known:
        reason = known
    elif "reduce only order would" in text or "reduceonly" in text:
        reason = "reduce_only"
    elif "post only order would" in text or "immediately matched" in text:
        reason = "post_only"
    else:
        reason = next((reason for kind, reason in REASONS.items() if kind in kinds), "")
    return Refused(f"{words}; {MENDS[reason]}", code=code, reason=reason)


def _never_left(error: BaseException, kinds: frozenset[str]) -> bool:
    causes = kinds | (kinds_of(error.__cause__) if error.__cause__ else frozenset())
    return bool(causes & NEVER_LEFT)


def _is_open(error: BaseException, kinds: frozenset[str], known: str) -> bool:
    """Whether nobody can say what became of the request."""
    if known == "unknown" or kinds & {"NetworkError", "OperationFailed", "OSError", "TimeoutError"}:
        return True
    cause = kinds_of(error.__cause__) if error.__cause__ else frozenset()
    return bool(cause & ({"ClientError"} | NO_ANSWER)) or status_of(error) >= 500


def status_of(error: BaseException) -> int:
    """Return the status of the reply that became the error, 0 where there was none."""
    found: Any = getattr(error, "status", 0)
    return found if isinstance(found, int) else 0


def retry_after(error: BaseException) -> float:
    """Return how long the venue asks to wait, seconds; a minute where it does not say."""
    headers: Any = getattr(error, "headers", None) or {}
    for name, value in dict(headers).items():
        lower = str(name).lower()
        try:
            wait = float(value)
        except (TypeError, ValueError):
            continue
        if lower == "retry-after":
            return max(wait, 0.0)
    return 60.0 if status_of(error) == 418 else 10.0
