"""What a config file asks for, checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from hedgerow.config.pairs import refuse_pairs
from hedgerow.config.schema import LIVE, REPEATABLE, Document
from hedgerow.config.writing import toml
from hedgerow.engine.job import Job
from hedgerow.margin.deleveraging.schedule import DeleveragingRule
from hedgerow.market.table_file import Table
from hedgerow.replay.request import Outage


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The market of a run: recorded or simulated, whole UTC days, both included."""

    kind: Literal["replay", "simulation"]
    start: date
    end: date
    bar: str
    seed: int
    outages: tuple[Outage, ...]
    deleveraging: DeleveragingRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A job, its world, and what its data may lack.

    Attributes
    ----------
    lake
        Folder of recorded data, None if the file names none.
    proxy
        Symbol whose market stands in for an instrument's own.
    tables
        A person's own venue rules.
    document
        The file's own keys and values, every default filled in.
    inputs
        The files that were read, which no output may replace.
    """

    job: Job
    world: World
    lake: Path | None
    allow_gaps: bool
    proxy: Mapping[str, str]
    tables: tuple[Table, ...]
    document: Document
    inputs: tuple[Path, ...] = field(compare=False)


def effective(config: Config) -> str:
    """Return what a run reads of the config, as TOML with every default spelled out.

    It loads to the same job and world. One hedge or account stands in a plain table. The same
    config always gives the same text; tables that only a running desk reads are left out.

    Raises
    ------
    ConfigError
        If there are pairs: no run over history knows them.
    """
    refuse_pairs(config.document)
    return _text(config.document.model_dump(exclude=set(LIVE)))


def effective_live(config: Config) -> str:
    """Return the whole config as `effective` does, with the tables of the running desk.

    It holds names of secrets, never a secret.
    """
    return _text(config.document.model_dump())


def _text(values: dict[str, Any]) -> str:
    for name in REPEATABLE:
        if len(values[name]) == 1:
            (values[name],) = values[name]
    return toml(values)


def on_lake(config: Config, lake: Path) -> Config:
    """Return `config` over another lake, which its text then does not name.

    Where the data lie is no part of what is asked; what is in them has a hash of its own.
    """
    data = config.document.data.model_copy(update={"lake": None})
    return replace(config, lake=lake, document=config.document.model_copy(update={"data": data}))
