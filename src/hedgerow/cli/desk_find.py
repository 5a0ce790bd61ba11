"""Which running desk a command is about."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.errors import ConfigError, UnknownName

if TYPE_CHECKING:
    from hedgerow.dashboard.address import Address

START = "start one with `hedgerow run CONFIG`"

DeskOption = Annotated[
    str,
    typer.Option(
        "--desk",
        metavar="NAME|FOLDER",
        help="Which desk, by its name or its state folder; the only running one by default.",
    ),
]


def find_desk(asked: str) -> "Address":
    """Return where the desk answers that a person means.

    Raises
    ------
    ConfigError
        If none runs, several do, or the one that was asked for is gone.
    """
    from hedgerow.config.environment import state_folder
    from hedgerow.dashboard.address import FILE, addresses, read_address

    home = state_folder("any").parent
    if "/" in asked or Path(asked).suffix == ".json":
        path = Path(asked)
        return _alive(read_address(path / FILE if path.is_dir() else path), path)
    known = addresses(home)
    if asked and asked not in known:
        if not known:
            raise ConfigError(f"--desk {asked}: no desk runs under {home}; {START}")
        raise UnknownName("desk", asked, sorted(known), where="--desk")
    if asked:
        return _alive(read_address(known[asked]), known[asked])
    return _only(known, home)


def _only(known: dict[str, Path], home: Path) -> "Address":
    from hedgerow.dashboard.address import read_address

    if not known:
        raise ConfigError(f"no desk runs under {home}; {START}")
    if len(known) == 1:
        ((_, path),) = known.items()
        return _alive(read_address(path), path)
    found = {name: read_address(path) for name, path in known.items()}
    running = [name for name, address in found.items() if address.alive]
    if len(running) == 1:
        return found[running[0]]
    if running:
        raise ConfigError(f"several desks run ({', '.join(running)}); say which with --desk NAME")
    gone = ", ".join(known)
    raise ConfigError(f"no desk runs; {gone} ended without taking leave; {START}")


def _alive(address: "Address", path: Path) -> "Address":
    if not address.alive:
        raise ConfigError(
            f"the desk {address.name} is gone: process {address.pid}, which wrote {path}, runs no "
            "more and took no leave; what it did is in its journal (`hedgerow journal verify`), "
            "and `hedgerow run` goes on where it stopped"
        )
    return address
