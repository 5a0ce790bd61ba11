"""Runs side by side: the figures of several results, and what makes them hard to compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hedgerow.errors import ConfigError
from hedgerow.report.figures import FIGURES, Figure
from hedgerow.report.loading import Loaded, lookup
from hedgerow.report.result import Json
from hedgerow.report.wording import last_day

SCHEMA: Final = "hedgerow.compare/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure across all runs; `best` has the places of the best, none if all are equal."""

    figure: Figure
    values: tuple[float | None, ...]
    best: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs side by side; `cautions` says what differs beyond the configuration."""

    names: tuple[str, ...]
    subjects: tuple[tuple[str, ...], ...]  # instruments, policy, first day, last day
    numeraires: tuple[str, ...]
    rows: tuple[Row, ...]
    cautions: tuple[str, ...]


def compare(results: Sequence[Loaded]) -> Comparison:
    """Put `results` side by side."""
    if len(results) < 2:
        raise ConfigError("compare needs two results or more; give several JSON files")
    rows = [_row(figure, results) for figure in FIGURES]
    return Comparison(
        names=_distinct([loaded.name for loaded in results]),
        subjects=tuple(_subject(loaded.values) for loaded in results),
        numeraires=tuple(str(loaded.values["numeraire"]) for loaded in results),
        rows=tuple(row for row in rows if any(value is not None for value in row.values)),
        cautions=_cautions(results),
    )


def comparison_json(comparison: Comparison) -> dict[str, Json]:
    """Return `comparison` as plain JSON values."""
    return {
        "schema": SCHEMA,
        "runs": [
            {"name": name, "subject": list(subject), "numeraire": numeraire}
            for name, subject, numeraire in zip(
                comparison.names, comparison.subjects, comparison.numeraires, strict=True
            )
        ],
        "figures": [
            {
                "key": row.figure.key,
                "kind": row.figure.kind,
                "values": list(row.values),
                "best": list(row.best),
            }
            for row in comparison.rows
        ],
        "cautions": list(comparison.cautions),
    }


def _row(figure: Figure, results: Sequence[Loaded]) -> Row:
    values = tuple(_figure(loaded.values, figure.key) for loaded in results)
    same_unit = len({loaded.values["numeraire"] for loaded in results}) == 1
    comparable = figure.better != 0 and (same_unit or figure.kind != "money")
    return Row(
        figure=figure, values=values, best=_best(values, figure.better) if comparable else ()
    )


def _figure(values: dict[str, Json], key: str) -> float | None:
    try:
        value = lookup(values, key)
    except KeyError:
        return None
    return value if isinstance(value, int | float) else None


def _best(values: tuple[float | None, ...], better: int) -> tuple[int, ...]:
    known = [value for value in values if value is not None]
    if len(set(known)) < 2:
        return ()
    best = max(known) if better > 0 else min(known)
    return tuple(place for place, value in enumerate(values) if value == best)


def _subject(values: dict[str, Json]) -> tuple[str, ...]:
    legs = values["legs"]
    names = [
        str(leg["instrument"])
        for leg in (legs if isinstance(legs, list) else [])
        if isinstance(leg, dict) and "instrument" in leg
    ]
    provenance = values["provenance"]
    policy = provenance.get("policy") if isinstance(provenance, dict) else None
    known = [str(policy)] if policy else []
    return (*names, *known, f"{values['start']}"[:10], f"to {last_day(str(values['end']))}")


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Return `names` with a number where one stands twice.

    >>> _distinct(["band", "hold", "band"])
    ('band (1)', 'hold', 'band (2)')
    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(f"{name} ({seen[name]})" if names.count(name) > 1 else name)
    return tuple(found)


def _cautions(results: Sequence[Loaded]) -> tuple[str, ...]:
    """Return what makes the figures hard to compare, one sentence each."""
    found = []
    sentences = {
        "numeraire": "the numeraires differ: amounts are not comparable",
        "start": "the runs do not start on the same day",
        "end": "the runs do not end at the same time",
        "bars": "the number of bars differs",
        "provenance.data_hash": "the data differ: not the same prices and funding",
        "provenance.version": "the runs come from different versions of hedgerow",
    }
    for key, sentence in sentences.items():
        values = [str(lookup(loaded.values, key)) for loaded in results]
        if len(set(values)) > 1:
            distinct = dict.fromkeys(values)
            short = [value[:12] if key.endswith("_hash") else value for value in distinct]
            found.append(f"{sentence} ({', '.join(short)})")
    simulated = [loaded.name for loaded in results if loaded.values["simulated"]]
    if len(simulated) == len(results):
        found.append("all runs are SIMULATED")
    elif simulated:
        found.append(f"SIMULATED: {', '.join(simulated)}; the others replay real data")
    hashes = [lookup(loaded.values, "provenance.config_hash") for loaded in results]
    if len(set(map(str, hashes))) < len(hashes):
        found.append("some of the runs have the same configuration")
    return tuple(found)
