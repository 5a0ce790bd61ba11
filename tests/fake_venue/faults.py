"""The script of what goes wrong at a fake venue; each fault is used up by what it matches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer given in place of the venue's own; with a `code`, the venue's own shape of no."""

    status: int = 200
    body: str = ""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    code: int | None = None
    message: str = ""


@dataclass(slots=True, kw_only=True)
class RequestFault:
    """What happens to a request.

    Attributes
    ----------
    call
        ``"POST /fapi/v1/order"``, ``"private/buy"``: the end of the path, perhaps after a method
        and a space; "" is any request.
    processed
        Whether the venue acts upon it.
    before, after
        Seconds that pass before it is acted upon, and before the reply leaves.
    reply
        What is answered; None is the venue's own answer, if `processed`.
    dropped
        The connection dies before any reply.
    times, skip
        How many matching requests suffer, after how many that do not.
    """

    call: str
    processed: bool = True
    before: float = 0.0
    after: float = 0.0
    reply: Reply | None = None
    dropped: bool = False
    times: int = 1
    skip: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether this request is meant."""
        verb, _, tail = self.call.rpartition(" ")
        return (not verb or verb == method) and path.endswith(tail)


class Mishap(StrEnum):
    """What happens to a message of a stream."""

    LOST = "lost"
    TWICE = "twice"
    HELD = "held"  # sent after the next one


@dataclass(slots=True, kw_only=True)
class MessageFault:
    """What happens to messages of a stream whose name begins with `name`."""

    name: str
    mishap: Mishap
    times: int = 1
    skip: int = 0


class Faults:
    """Faults in the order in which they were scripted; the first that matches is used up."""

    def __init__(self) -> None:
        self.requests: list[RequestFault] = []
        self.messages: list[MessageFault] = []
        self.suffered: list[RequestFault | MessageFault] = []

    def drop_reply(self, call: str, **more: int) -> None:
        """Accept and carry out, then let the connection die before the reply."""
        self.requests.append(RequestFault(call=call, dropped=True, **_counts(more)))

    def lose(self, call: str, **more: int) -> None:
        """Let the connection die before anything is done."""
        self.requests.append(RequestFault(call=call, processed=False, dropped=True, **_counts(more)))

    def delay(self, call: str, seconds: float, **more: int) -> None:
        """Carry out at once and reply late."""
        self.requests.append(RequestFault(call=call, after=seconds, **_counts(more)))

    def stall(self, call: str, seconds: float, **more: int) -> None:
        """Carry out late, whether or not the client still waits."""
        self.requests.append(RequestFault(call=call, before=seconds, **_counts(more)))

    def reject(self, call: str, code: int, message: str = "", **more: int) -> None:
        """Say no with the venue's own code, and do nothing."""
        reply = Reply(status=400, code=code, message=message)
        self._answer(call, reply, more)

    def busy(self, call: str = "", status: int = 429, retry_after: int = 2, **more: int) -> None:
        """Ask for patience: 429, or 418 for a ban."""
        message = "Too many requests; current limit is 2400 requests per minute."
        headers = {"Retry-After": str(retry_after)}
        reply = Reply(status=status, code=-1003, message=message, headers=headers)
        self._answer(call, reply, more)

    def fail(self, call: str = "", status: int = 503, body: str = "", **more: int) -> None:
        """Answer with a status of 5xx, nothing done."""
        self._answer(call, Reply(status=status, body=body, content_type="text/plain"), more)

    def fail_done(self, call: str, status: int = 503, body: str = "", **more: int) -> None:
        """Answer with a status of 5xx although it was carried out."""
        reply = Reply(status=status, body=body, content_type="text/plain")
        self.requests.append(RequestFault(call=call, reply=reply, **_counts(more)))

    def html(self, call: str, *, processed: bool = False, **more: int) -> None:
        """Answer 200 with a page for people."""
        body = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
        reply = Reply(body=body, content_type="text/html")
        fault = RequestFault(call=call, processed=processed, reply=reply, **_counts(more))
        self.requests.append(fault)

    def answer(self, call: str, body: str, *, processed: bool = False, **more: int) -> None:
        """Answer 200 with `body`, whatever was asked."""
        fault = RequestFault(
            call=call, processed=processed, reply=Reply(body=body), **_counts(more)
        )
        self.requests.append(fault)

    def lose_message(self, name: str, **more: int) -> None:
        """Never send a message of a stream; of a book, this is a gap in the sequence."""
        self.messages.append(MessageFault(name=name, mishap=Mishap.LOST, **_counts(more)))

    def repeat_message(self, name: str, **more: int) -> None:
        """Send a message twice."""
        self.messages.append(MessageFault(name=name, mishap=Mishap.TWICE, **_counts(more)))

    def hold_message(self, name: str, **more: int) -> None:
        """Send a message after the one that follows it."""
        self.messages.append(MessageFault(name=name, mishap=Mishap.HELD, **_counts(more)))

    def of_request(self, method: str, path: str) -> RequestFault | None:
        """Return the fault that this request suffers, used up by it."""
        for fault in self.requests:
            if fault.matches(method, path):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self.requests.remove(fault)
                self.suffered.append(fault)
                return fault
        return None

    def of_message(self, name: str) -> Mishap | None:
        """Return what this message suffers."""
        for fault in self.messages:
            if name.startswith(fault.name):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self.messages.remove(fault)
                self.suffered.append(fault)
                return fault.mishap
        return None

    def _answer(self, call: str, reply: Reply, more: dict[str, int]) -> None:
        self.requests.append(
            RequestFault(call=call, processed=False, reply=reply, **_counts(more))
        )


def _counts(more: dict[str, int]) -> dict[str, int]:
    """Return `times` and `skip`, the only counts a fault has."""
    unknown = set(more) - {"times", "skip"}
    if unknown:
        raise TypeError(f"a fault counts times and skip, not {', '.join(sorted(unknown))}")
    return more
