"""An option that would do nothing is refused: whoever gave it meant something by it."""

from collections.abc import Collection

import typer

from hedgerow.errors import ConfigError


def refuse_idle(context: typer.Context, names: Collection[str], why: str) -> None:
    """Raise `ConfigError` if one of some parameters was given.

    Parameters
    ----------
    names
        Of parameters, as the command's function calls them.
    why
        They do nothing, and the mend.
    """
    given = []
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if parameter.name in names and source is not None and source.name == "COMMANDLINE":
            given.append(parameter.opts[0])
    if given:
        raise ConfigError(f"{' and '.join(given)}: {why}")
