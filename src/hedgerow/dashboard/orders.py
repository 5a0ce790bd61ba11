"""What a client may send to a desk, and why a request is not answered."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

# No control characters: what is said ends up in logs and on terminals, one line each.
PRINTABLE: Final = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"

Words = Annotated[str, Field(max_length=300, pattern=PRINTABLE)]
Name = Annotated[str, Field(max_length=100, pattern=PRINTABLE)]


class Spoken(BaseModel):
    """An order of an operator: who gives it, and why; both end up in the journal."""

    model_config = ConfigDict(extra="forbid")

    by: Name = Field(default="api", description="Who gives the order.")
    reason: Words = Field(default="", description="Why, in a person's words.")


class ResetSpoken(Spoken):
    """An order about one guard."""

    guard: Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTABLE)] = Field(
        description="Name of the tripped guard, as GET /guards shows it."
    )


class Refusal(BaseModel):
    """Why a request was not answered."""

    detail: str
