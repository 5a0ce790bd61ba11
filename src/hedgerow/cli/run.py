"""`hedgerow run`: the desk, unattended, on paper or with real money."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hedgerow.cli.coin_prices import coin_prices
from hedgerow.cli.ending import UNWELL, MayPass, defect, told
from hedgerow.cli.idle_options import refuse_idle
from hedgerow.cli.outputs import JsonOption, QuietOption
from hedgerow.cli.starting import (
    CONFIRMATION,
    listening_of,
    log_target,
    need_extras,
    word_of,
)
from hedgerow.errors import ConfigError, HedgeError

LAST_WORD = 15.0  # seconds for what is still to be told when the desk has ended

if TYPE_CHECKING:
    from socket import socket
    from typing import TextIO

    from hedgerow.config.assembly import Assembled, Market
    from hedgerow.config.config import Config
    from hedgerow.config.live import LiveConfig
    from hedgerow.dashboard.listening import Listening


def run(
    context: typer.Context,
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="Config file; `hedgerow init` prints one.")
    ],
    paper: Annotated[
        bool, typer.Option("--paper", help="Trade with nobody's money; the default.")
    ] = False,
    live: Annotated[
        bool,
        typer.Option("--live", help="Trade with real money; needs live = true in the config too."),
    ] = False,
    replay: Annotated[
        str,
        typer.Option(
            "--replay",
            metavar="LAKE",
            help="Live through the recorded history of [world] instead of the present.",
        ),
    ] = "",
    books: Annotated[
        str,
        typer.Option(
            "--books",
            metavar="FILE|FOLDER",
            help="Live through recorded books, Parquet or JSON lines, instead of the present.",
        ),
    ] = "",
    json_file: JsonOption = "",
    generated: Annotated[
        bool, typer.Option("--generated", help="Paper on a made-up market; needs no network.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the made-up market.")] = 7,
    speed: Annotated[
        float, typer.Option(min=0.001, max=100_000.0, help="Seconds of it in one of ours.")
    ] = 1.0,
    price: Annotated[
        list[str] | None,
        typer.Option(metavar="COIN=PRICE", help="Where a coin of it starts; repeatable."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--for", min=0.0, help="End by itself after so many seconds; 0: never.")
    ] = 0.0,
    quiet: QuietOption = False,
) -> None:
    """Hold a hedge around the clock.

    \b
    Examples:
      hedgerow run treasury.toml                       on paper, at the venues' prices
      hedgerow run treasury.toml --generated --speed 60
      hedgerow run treasury.toml --replay lake --json run.json
      hedgerow run treasury.toml --books books.parquet
      hedgerow run treasury.toml --live                with real money

    While it runs, `hedgerow status`, `watch`, `why`, `pause` and `kill` speak to it. Ctrl-C ends it
    in good order: what waits is left to the venue's dead-man switch, the hedge stays as it is, and
    the next start goes on where this one ended.
    """  # noqa: D301 - the control character keeps the lines of the help apart
    with told("Stopped; the hedge stays as it is."):
        _check(paper=paper, live=live, replay=replay, generated=generated, json_file=json_file)
        if books and (live or replay or generated):
            raise ConfigError("--books is a market of its own; give one of them, and no --live")
        if not generated:
            why = "only of a made-up market; add --generated, or leave it out"
            refuse_idle(context, ("seed", "speed", "price"), why)
        if replay:
            refuse_idle(context, ("seconds",), "a --replay ends with its history; leave it out")
        if books:
            refuse_idle(context, ("seconds",), "--books end by themselves; leave it out")
        from hedgerow.config.loading import load

        asked = load(config)
        if replay:
            _replay(asked, replay, json_file, quiet=quiet)
            return
        if books:
            from hedgerow.cli.run_books import live_through_books

            lived = live_through_books(asked, Path(books))
            if not quiet:
                typer.echo(lived)
            return
        from hedgerow.config.assembly import Market
        from hedgerow.config.live import live_setup
        from hedgerow.config.live_limits import need_limits

        given = live_setup(asked, live=live)
        if live:
            need_limits(asked, given)
            _confirm(given)
        market = Market(
            kind="generated" if generated else "venue",
            seed=seed,
            speed=speed,
            prices=coin_prices(price or [], given.setup),
        )
        need_extras()
        target = log_target(given)
        given.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ended = asyncio.run(_run(asked, given, market, seconds, target, quiet=quiet))
        if not quiet:
            typer.echo(ended, err=True)


def _check(*, paper: bool, live: bool, replay: str, generated: bool, json_file: str) -> None:
    if live and (paper or replay or generated):
        raise ConfigError(
            "--live does not go with --paper, --replay or --generated; choose one of them"
        )
    if replay and generated:
        raise ConfigError("--replay and --generated are two markets; choose one of them")
    if json_file and not replay:
        raise ConfigError("--json writes the result of a --replay; a running desk has none yet")


def _confirm(given: "LiveConfig") -> None:
    """Ask for a word that only somebody who knows what will run can type."""
    from hedgerow.config.environment import confirmation

    word = word_of(given)
    if confirmation() == word:
        return
    if not sys.stdin.isatty():
        raise ConfigError(
            f"live needs a confirmation: set {CONFIRMATION}={word} for this very config "
            "(it changes with it), or start it at a terminal"
        )
    legs = ", ".join(f"{leg.symbol} at {leg.venue}" for leg in given.setup.listings)
    money = _money(given)
    typer.secho(f"LIVE: {given.setup.name} will trade {legs} {money}.", fg="red", bold=True)
    if typer.prompt(f"Type {word} to go on").strip() != word:
        raise ConfigError("not confirmed; nothing was started")


def _money(given: "LiveConfig") -> str:
    """Return whose money it is: that of a test net is nobody's."""
    nets = sorted({access.venue for access in given.venues if access.testnet})
    return f"on the test net of {' and '.join(nets)}" if nets else "with real money"


def _replay(asked: "Config", lake: str, json_file: str, *, quiet: bool) -> None:
    from hedgerow.adapters.journal.memory import MemoryJournal
    from hedgerow.cli.backtest import source_of, with_lake
    from hedgerow.cli.outputs import Outputs
    from hedgerow.cli.run_replay import live_through_history
    from hedgerow.cli.running import deliver, progress

    outputs = Outputs(json=json_file, html="", csv="")
    asked = with_lake(asked, lake)
    outputs.check(asked.inputs, asked.lake)
    quiet = quiet or outputs.to_screen
    with progress(quiet=quiet) as tell:
        lived = live_through_history(asked, source_of(asked), MemoryJournal(), tell)
    deliver(lived.run, outputs, quiet=quiet)
    if not quiet:
        typer.echo(f"{lived.records:,} records in the journal of the desk", err=True)


async def _run(
    asked: "Config",
    given: "LiveConfig",
    market: "Market",
    seconds: float,
    target: "Path | TextIO",
    *,
    quiet: bool,
) -> str:
    """Run the desk with its API, alerts and logs until it is told to stop."""
    from hedgerow.config.assembly import assemble
    from hedgerow.dashboard.port import held_port
    from hedgerow.live.timings import Untimed

    timings = _Late(Untimed())
    desk = assemble(asked, given, market, timings=timings)
    listening = listening_of(given)
    try:
        port = held_port(listening)
    except ConfigError:
        desk.release()
        raise
    undo = _logging(given, desk, target)
    try:
        async with _posted(desk):
            running = await _lived(asked, given, desk, timings, (listening, port), seconds, quiet)
    finally:
        port.close()
        desk.release()
        undo()
    _well(running, desk)
    return f"{given.setup.name} has ended; the hedge stays as it is."


async def _lived(
    asked: "Config",
    given: "LiveConfig",
    desk: "Assembled",
    timings: "_Late",
    place: "tuple[Listening, socket]",
    seconds: float,
    quiet: bool,
) -> "asyncio.Task[None]":
    """Let the desk live with its API; return what it ended with."""
    running = asyncio.create_task(desk.runtime.run())
    try:
        async with _signals(desk.runtime.stop):
            opened = asyncio.create_task(desk.runtime.running.wait())
            await asyncio.wait({running, opened}, return_when=asyncio.FIRST_COMPLETED)
            opened.cancel()
            if running.done():
                return running
            async with _api(given, desk, timings, place) as url:
                if not quiet:
                    typer.echo(_began(given, url), err=True)
                watching = asyncio.create_task(_watch_file(asked, desk))
                try:
                    await _until(running, seconds, desk)
                finally:
                    watching.cancel()
    finally:
        desk.runtime.stop()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(running, return_exceptions=True)
    return running


async def _watch_file(asked: "Config", desk: "Assembled") -> None:
    """Say it when a file that the desk was started with is changed under it."""
    before = _fingerprints(asked)
    while True:
        await asyncio.sleep(5.0)
        now = await asyncio.to_thread(_fingerprints, asked)
        changed = [str(path) for path, digest in now.items() if before[path] != digest]
        if changed:
            text = (
                f"{', '.join(changed)} was changed: this desk goes on with what it was started "
                "with; start it again to use the new one"
            )
            desk.runtime.notice("warning", "config-changed", text)
        before = now


def _fingerprints(asked: "Config") -> dict[Path, str]:
    from hashlib import sha256

    return {
        path: sha256(path.read_bytes()).hexdigest() if path.exists() else ""
        for path in asked.inputs
    }


async def _until(running: "asyncio.Task[None]", seconds: float, desk: "Assembled") -> None:
    """Wait until the desk ends or its time is over; one that refuses to begin ends with why."""
    refusing = asyncio.create_task(_refusal(desk))
    try:
        await asyncio.wait(
            {running, refusing}, timeout=seconds or None, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        refusing.cancel()
    why_not = refusing.result() if refusing.done() and not running.done() else ""
    desk.runtime.stop()
    await asyncio.wait({running})
    _well(running, desk)
    if why_not:
        raise MayPass(f"{desk.runtime.setup.name} did not begin, and traded nothing: {why_not}")


def _well(running: "asyncio.Task[None]", desk: "Assembled") -> None:
    """Raise what a desk was ended by: it may pass, unless its journal or config is at fault."""
    from hedgerow.ledger.journal import (
        JournalBroken,
        JournalLeased,
        JournalTooNew,
        JournalUnavailable,
    )

    error = running.exception()
    if isinstance(error, HedgeError):
        ran = desk.runtime.running.is_set() and not isinstance(error, JournalBroken | JournalTooNew)
        if ran or isinstance(error, JournalLeased | JournalUnavailable):
            raise MayPass(str(error)) from error
        raise error
    if error is not None:
        defect(error)
        raise typer.Exit(UNWELL)


async def _refusal(desk: "Assembled") -> str:
    """Return why the desk refuses to begin, once it does."""
    while True:
        await asyncio.sleep(0.2)
        if why_not := desk.runtime.controller.cannot_begin:
            return why_not


def _began(given: "LiveConfig", url: str) -> str:
    live = given.setup.mode == "live"
    mode = f"LIVE, {_money(given)}" if live else "PAPER"
    return (
        f"{mode}: {given.setup.name} runs. Its API is at {url}; `hedgerow watch` shows it, Ctrl-C "
        "ends it."
    )


class _Late:
    """Timings whose taker is known only once the API is open."""

    def __init__(self, taker: "object") -> None:
        self.taker = taker

    def event(self, seconds: float) -> None:
        """Pass a duration on."""
        self.taker.event(seconds)  # type: ignore[attr-defined]

    def journal(self, seconds: float) -> None:
        """Pass a duration on."""
        self.taker.journal(seconds)  # type: ignore[attr-defined]


@asynccontextmanager
async def _api(
    given: "LiveConfig",
    desk: "Assembled",
    timings: "_Late",
    place: "tuple[Listening, socket]",
) -> AsyncIterator[str]:
    """Open the API beside the desk."""
    from hedgerow.dashboard.opening import desk_metrics, open_api

    metrics = desk_metrics(desk.runtime)
    timings.taker = metrics
    listening, port = place
    api = await open_api(
        desk.runtime,
        listening,
        given.folder,
        port=port,
        token=desk.token,
        metrics=metrics,
    )
    desk.vault.redact.learn(api.address.token)
    try:
        yield api.address.url
    finally:
        await api.close()


@asynccontextmanager
async def _posted(desk: "Assembled") -> AsyncIterator[None]:
    """Send alerts from before the desk begins until its last word is out."""
    if desk.post is None:
        yield
        return
    posting = asyncio.create_task(desk.post.run())
    try:
        yield
    finally:
        await desk.post.drain(LAST_WORD)
        posting.cancel()
        await asyncio.gather(posting, return_exceptions=True)


def _logging(given: "LiveConfig", desk: "Assembled", target: "Path | TextIO") -> Callable[[], None]:
    from hedgerow.live.logging import Identity, start_logging

    place = given.logging
    as_json = place.json_lines
    if as_json is None:
        as_json = place.file is not None or not sys.stderr.isatty()
    return start_logging(
        target,
        level=place.level,
        json_lines=as_json,
        redact=desk.vault.redact,
        who=Identity(desk=given.setup.name, mode=given.setup.mode),
    )


@asynccontextmanager
async def _signals(stop: Callable[[], None]) -> AsyncIterator[None]:
    """End in good order when asked to by Ctrl-C or a service manager."""
    import signal

    loop = asyncio.get_running_loop()
    names = [signal.SIGINT, signal.SIGTERM]
    for name in names:
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, stop)
    try:
        yield
    finally:
        for name in names:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(name)
