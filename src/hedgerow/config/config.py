"""What a config file asks for, checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from hedgerow.engine.job import Job
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
    text
        The same config as TOML, every default spelled out.
    inputs
        The files that were read, which no output may replace.
    """

    job: Job
    world: World
    lake: Path | None
    allow_gaps: bool
    proxy: Mapping[str, str]
    tables: tuple[Table, ...]
    text: str
    inputs: tuple[Path, ...] = field(compare=False)


def effective(config: Config) -> str:
    """Return the config as TOML with every default spelled out; it loads to the same config."""
    return config.text
