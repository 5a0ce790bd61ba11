"""How a key of the config is declared: its default, what it means, what it may be."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """A table of the config; a key that is not declared is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def key(
    default: Any = ...,  # noqa: ANN401 - as pydantic declares it
    *,
    meaning: str,
    allowed: str,
    unlimited: bool = False,
    hidden: bool = False,
) -> Any:  # noqa: ANN401 - as pydantic declares it
    """Declare a key; `allowed` completes "it must be", `unlimited` takes ``inf``.

    A value of a `hidden` key is never shown, as somebody may have put a secret there.
    """
    return Field(
        default,
        description=meaning,
        allow_inf_nan=True if unlimited else None,
        json_schema_extra={"allowed": allowed, "hidden": hidden},
    )


def several(*, meaning: str, allowed: str, hidden: bool = False) -> Any:  # noqa: ANN401 - as pydantic declares it
    """Declare a list, empty by default."""
    return Field(
        default_factory=list,
        description=meaning,
        json_schema_extra={"allowed": allowed, "hidden": hidden},
    )


def allowed(field: FieldInfo) -> str:
    """Return what a key may be, in words."""
    extra = field.json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) and "allowed" in extra else "valid"


def hidden(field: FieldInfo) -> bool:
    """Return whether a value of the key must not be shown."""
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("hidden"))
