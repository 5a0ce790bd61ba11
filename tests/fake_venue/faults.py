"""The script of what goes wrong at a fake venue; each fault is used up by what it matches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict, Unpack


class Counts(TypedDict, total=False):
    """How many matches suffer, after how many that do not."""

    times: int
    skip: int


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

    def drop_reply(self, call: str, **more: Unpack[Counts]) -> None:
        """Accept and carry out, then let the connection die before the reply."""
        self.requests.append(RequestFault(call=call, dropped=True, **more))

    def lose(self, call: str, **more: Unpack[Counts]) -> None:
        """Let the connection die before anything is done."""
        self.requests.append(RequestFault(call=call, processed=False, dropped=True, **more))

    def delay(self, call: str, seconds: float, **more: Unpack[Counts]) -> None:
        """Carry out at once and reply late."""
        self.requests.append(RequestFault(call=call, after=seconds, **more))

    def stall(self, call: str, seconds: float, **more: Unpack[Counts]) -> None:
        """Carry out late, whether or not the client still waits."""
        self.requests.append(RequestFault(call=call, before=seconds, **more))

    def reject(self, call: str, code: int, message: str = "", **more: Unpack[Counts]) -> None:
        """Say no with the venue's own code, and do nothing."""
        reply = Reply(status=400, code=code, message=message)
        self._answer(call, reply, more)

    def busy(
        self, call: str = "", status: int = 429, retry_after: int = 2, **more: Unpack[Counts]
    ) -> None:
        """Ask for patience: 429, or 418 for a ban."""
        message = "Too many requests; current limit is 2400 requests per minute."
        headers = {"Retry-After": str(retry_after)}
        reply = Reply(status=status, code=-1003, message=message, headers=headers)
        self._answer(call, reply, more)

    def fail(
        self, call: str = "", status: int = 503, body: str = "", **more: Unpack[Counts]
    ) -> None:
        """Answer with a status of 5xx, nothing done."""
        self._answer(call, Reply(status=status, body=body, content_type="text/plain"), more)

    def fail_done(
        self, call: str, status: int = 503, body: str = "", **more: Unpack[Counts]
    ) -> None:
        """Answer with a status of 5xx although it was carried out."""
        reply = Reply(status=status, body=body, content_type="text/plain")
        self.requests.append(RequestFault(call=call, reply=reply, **more))

    def html(self, call: str, *, processed: bool = False, **more: Unpack[Counts]) -> None:
        """Answer 200 with a page for people."""
        body = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
        reply = Reply(body=body, content_type="text/html")
        fault = RequestFault(call=call, processed=processed, reply=reply, **more)
        self.requests.append(fault)

    def answer(
        self, call: str, body: str, *, processed: bool = False, **more: Unpack[Counts]
    ) -> None:
        """Answer 200 with `body`, whatever was asked."""
        fault = RequestFault(call=call, processed=processed, reply=Reply(body=body), **more)
        self.requests.append(fault)

    def lose_message(self, name: str, **more: Unpack[Counts]) -> None:
        """Never send a message of a stream; of a book, this is a gap in the sequence."""
        self.messages.append(MessageFault(name=name, mishap=Mishap.LOST, **more))

    def repeat_message(self, name: str, **more: Unpack[Counts]) -> None:
        """Send a message twice."""
        self.messages.append(MessageFault(name=name, mishap=Mishap.TWICE, **more))

    def hold_message(self, name: str, **more: Unpack[Counts]) -> None:
        """Send a message after the one that follows it."""
        self.messages.append(MessageFault(name=name, mishap=Mishap.HELD, **more))

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

    def _answer(self, call: str, reply: Reply, more: Counts) -> None:
        self.requests.append(RequestFault(call=call, processed=False, reply=reply, **more))
