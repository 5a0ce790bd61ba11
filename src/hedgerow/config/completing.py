"""A parsed config with everything filled in that a person may leave out."""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hedgerow.config.fingerprints import Named, read_named
from hedgerow.config.policy import named_policy
from hedgerow.config.schema import (
    BookSection,
    DataSection,
    Document,
    HedgeSection,
    MarginSection,
    WorldSection,
)
from hedgerow.errors import ConfigError
from hedgerow.policies.base import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """A document without a gap, the policy of each hedge, and the files it names."""

    document: Document
    policies: tuple[Policy, ...]
    flows: tuple[Named | None, ...]
    tables: tuple[Named, ...]

    @property
    def span(self) -> tuple[date, date]:
        """First and last day of the run."""
        world = self.document.world
        if world.start is None or world.end is None:
            raise ConfigError("[world] start and end are missing; add both")
        return world.start, world.end


def completed(document: Document, folder: Path, headings: tuple[str, ...]) -> Complete:
    """Return `document` with its defaults, and the contents of the files it names.

    Parameters
    ----------
    folder
        Where relative file names count from.
    headings
        What to call the policy of each hedge in a message.
    """
    policies = [
        named_policy(hedge.policy.name, hedge.policy.model_extra or {}, heading)
        for hedge, heading in zip(document.hedge, headings, strict=True)
    ]
    flows = tuple(
        None
        if holding.flows is None
        else read_named(holding.flows, holding.flows_sha256, folder, "[[book.holding]] flows")
        for holding in document.book.holding
    )
    digests: list[str | None] = [*document.data.tables_sha256] or [None] * len(document.data.tables)
    if len(digests) != len(document.data.tables):
        raise ConfigError("[data] tables_sha256 needs one fingerprint for each of tables")
    tables = tuple(
        read_named(name, digest, folder, "[data] tables")
        for name, digest in zip(document.data.tables, digests, strict=True)
    )
    return Complete(
        document=document.model_copy(
            update={
                "book": _book(document.book, flows),
                "hedge": [
                    _hedge(hedge, named.numbers)
                    for hedge, named in zip(document.hedge, policies, strict=True)
                ],
                "margin": [_margin(margin) for margin in document.margin],
                "data": _data(document.data, tables),
                "world": _world(document.world),
            }
        ),
        policies=tuple(named.policy for named in policies),
        flows=flows,
        tables=tables,
    )


def _book(book: BookSection, flows: tuple[Named | None, ...]) -> BookSection:
    holdings = [
        holding if table is None else holding.model_copy(update={"flows_sha256": table.sha256})
        for holding, table in zip(book.holding, flows, strict=True)
    ]
    return book.model_copy(update={"holding": holdings})


def _hedge(hedge: HedgeSection, numbers: dict[str, Any]) -> HedgeSection:
    policy = type(hedge.policy)(name=hedge.policy.name, **numbers)
    return hedge.model_copy(update={"policy": policy})


def _margin(margin: MarginSection) -> MarginSection:
    upto = 2.0 * margin.top_up_below if margin.top_up_to is None else margin.top_up_to
    downto = margin.withdraw_to
    if downto is None and math.isfinite(margin.withdraw_above):
        downto = 0.5 * (upto + margin.withdraw_above)
    return margin.model_copy(update={"top_up_to": upto, "withdraw_to": downto})


def _data(data: DataSection, tables: tuple[Named, ...]) -> DataSection:
    return data.model_copy(update={"tables_sha256": [table.sha256 for table in tables]})


def _world(world: WorldSection) -> WorldSection:
    """Return the world with its span; only a simulation has one by default."""
    if world.kind == "replay":
        for name in ("start", "end"):
            if getattr(world, name) is None:
                raise ConfigError(
                    f"[world]: {name} is missing; add it: a whole UTC day, such as 2022-01-01"
                )
        return world
    from hedgerow.simulation.market import DAYS, START  # noqa: PLC0415 - only a simulation pays

    start = START if world.start is None else world.start
    end = start + timedelta(days=DAYS - 1) if world.end is None else world.end
    return world.model_copy(update={"start": start, "end": end})
