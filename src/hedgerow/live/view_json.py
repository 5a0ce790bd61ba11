"""A desk's view as JSON and back; exact amounts travel as text, what is not finite as null."""

from typing import Final

from pydantic import TypeAdapter

from hedgerow.live.view import DeskView

VIEW: Final = TypeAdapter(DeskView)


def to_json(view: DeskView) -> bytes:
    """Return a view as one line of JSON."""
    return VIEW.dump_json(view)


def from_json(text: str | bytes) -> DeskView:
    """Return the view that a JSON text holds.

    Raises
    ------
    ValueError
        If the text is no view, say that of another version.
    """
    return VIEW.validate_json(text)
