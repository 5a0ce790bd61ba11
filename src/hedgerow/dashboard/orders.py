"""What a client may send to a desk, and how the desk's answer is returned."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def _printable(text: str) -> str:
    """Refuse what could break a line of a log or of a terminal."""
    if CONTROL.search(text):
        raise ValueError("must hold no control characters")
    return text


Words = Annotated[str, Field(max_length=300), AfterValidator(_printable)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_printable)]


class Spoken(BaseModel):
    """An order of an operator: who gives it, and why; both end up in the journal."""

    model_config = ConfigDict(extra="forbid")

    by: Name = Field(default="api", description="Who gives the order.")
    reason: Words = Field(default="", description="Why, in a person's words.")


class ResetSpoken(Spoken):
    """An order about one guard."""

    guard: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)] = Field(
        description="Name of the tripped guard, as GET /guards shows it."
    )


class Refusal(BaseModel):
    """Why a request was not answered."""

    detail: str
