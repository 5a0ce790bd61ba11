"""How a value that an option cannot take is refused: by what was written and what can be."""

import typer
from typer.core import TyperGroup

WRITE = {"float": "a number; write one like 0.5", "int": "a whole number; write one like 3"}


class House(TyperGroup):
    """The root of all commands: refuses values in the words of the house."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run a command, and say of a value it cannot take what it is."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = _plain(error)
            raise


def _plain(error: typer.BadParameter) -> str:
    """Return what is wrong with a value, without the words of whoever parsed it."""
    from pydantic import ValidationError

    cause = error.__cause__
    if isinstance(cause, ValidationError):
        first = cause.errors()[0]
        for sort, words in WRITE.items():
            if first["type"].startswith(f"{sort}_"):
                return f"{first['input']!r} is not {words}"
    return error.message.removeprefix("Value error, ")
