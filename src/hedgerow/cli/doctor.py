"""`hedgerow doctor`: everything that keeps a desk from running, before it runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.ending import told

if TYPE_CHECKING:
    from hedgerow.cli.doctor_check import Check


def doctor(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The desk's config file.")],
    live: Annotated[
        bool, typer.Option("--live", help="Look at what real orders need: keys, rights, modes.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no venue, and say what was not looked at.")
    ] = False,
    send_test: Annotated[
        bool, typer.Option("--send-test", help="Send a test message to every alert address.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Look at config, packages, secrets, disk, journal, venues and alerts; change nothing.

    \b
    Ends with 0 where all is well, 1 where somebody should look, 2 where the desk
    must not start. Each line says what to do.

    \b
    Examples:
      hedgerow doctor treasury.toml --offline
      hedgerow doctor treasury.toml --live --send-test
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped; nothing was changed."):
        import asyncio

        from hedgerow.cli.doctor_check import Verdict, worst

        checks = asyncio.run(_examined(config, live=live, offline=offline, send_test=send_test))
        verdict = worst(checks)
        if as_json:
            _print_json(config, checks, verdict)
        else:
            _print_table(checks, verdict)
        if verdict is not Verdict.OK:
            raise typer.Exit(1 if verdict is Verdict.WARN else 2)


async def _examined(path: Path, *, live: bool, offline: bool, send_test: bool) -> "list[Check]":
    """Return all checks; a config that does not load is the only one that there is."""
    from datetime import UTC, datetime

    from hedgerow.cli import doctor_config, doctor_machine, doctor_pegs
    from hedgerow.cli.doctor_check import fine, skipped, wrong
    from hedgerow.cli.starting import rehearsed
    from hedgerow.config.live import live_setup
    from hedgerow.config.live_keys import journal_url, open_vault
    from hedgerow.config.loading import load
    from hedgerow.errors import HedgeError

    try:
        config = load(path)
        desk = live_setup(config, live=live)
    except HedgeError as error:
        return [wrong("config", str(error))]
    found = [fine("config", f"{path}: desk {desk.setup.name!r}, {desk.setup.mode}")]
    found += doctor_config.limits(config, desk)
    found += doctor_config.tables(desk, datetime.now(UTC).date())
    found += doctor_config.api(desk)
    found += doctor_machine.packages(desk)
    found += [doctor_machine.disk(desk.folder), doctor_machine.folder(desk.folder)]
    try:
        vault = open_vault(desk)
    except HedgeError as error:
        return [*found, wrong("secrets", str(error))]
    found += doctor_config.secrets(desk, vault)
    try:
        url = journal_url(desk, vault)
    except HedgeError:
        url = ""  # said among the secrets
    if url and not (offline and "://" in url):
        shown = desk.journal.url or "the journal of journal_secret"
        found += await doctor_machine.journal(url, shown, desk.setup)
    elif url:
        found.append(skipped("journal", "its server was not asked (--offline)"))
    said = {check.text for check in found}
    found += [check for check in await rehearsed(config, desk) if check.text not in said]
    if offline:
        names = ", ".join(dict.fromkeys(access.venue for access in desk.venues))
        found.append(skipped("venue", f"{names}: reach, clock, keys and modes (--offline)"))
        if desk.alerts.urls:
            found.append(skipped("alerts", "(--offline)"))
        return found
    found += await doctor_config.alerts(desk, vault, send=send_test)
    from hedgerow.cli.doctor_venues import venue

    for access in desk.venues:
        found += await venue(config, desk, access, vault)
    return found + await doctor_pegs.pegs(desk)


def _print_json(path: Path, checks: "list[Check]", verdict: str) -> None:
    import json

    document = {
        "config": str(path),
        "verdict": str(verdict),
        "checks": [
            {"topic": check.topic, "verdict": str(check.verdict), "text": check.text}
            for check in checks
        ],
    }
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _print_table(checks: "list[Check]", verdict: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "warn": "yellow", "fail": "bold red", "skipped": "dim"}
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        style = styles[check.verdict]
        table.add_row(Text(check.verdict, style), Text(check.topic), Text(check.text))
    console = Console(emoji=False, highlight=False)
    console.print(table)
    words = {
        "ok": "All is well.",
        "warn": "The desk would run; look at the lines in yellow.",
        "fail": "The desk must not start like this; mend the lines in red.",
    }
    console.print(Text(words[verdict], styles[verdict]))
