"""Tables of what a run rests on: its data, and how to get it again."""

from hedgerow.report.cells import Table, many, words
from hedgerow.report.verdict import Figures
from hedgerow.report.wording import clock, percent


def coverage(result: Figures) -> Table:
    """Return how much of the data was there."""
    counts = result["coverage"]
    rows = []
    for kind in ("bars", "settlements"):
        there, wanted = counts[f"{kind}_present"], counts[f"{kind}_expected"]
        rows.append(
            (
                words(kind.capitalize()),
                many(there),
                many(wanted),
                many(wanted - there),
                words(percent(there / wanted, 2) if wanted else "–"),
            )
        )
    return Table(
        caption=f"From {clock(result['start'])} to {clock(result['end'])}.",
        head=("", "Present", "Expected", "Missing", "Coverage"),
        rows=tuple(rows),
        name="coverage",
    )


def provenance(result: Figures) -> Table:
    """Return what it takes to get the same run again."""
    origin = result["provenance"]
    seed = "none: nothing was drawn" if origin["seed"] is None else str(origin["seed"])
    return Table(
        caption="The same version, config and data give the same figures.",
        head=(),
        rows=tuple(
            (words(label), words(text))
            for label, text in (
                ("hedgerow", origin["version"]),
                ("World", result["world"] + (", SIMULATED" if result["simulated"] else "")),
                ("Policy", origin["policy"]),
                ("Seed", seed),
                ("Config hash", origin["config_hash"]),
                ("Data hash", origin["data_hash"]),
                ("Schema", result["schema"]),
            )
        ),
        name="provenance",
        words=(1,),
    )
