"""A journal keeps the same promises in a file, on a server and in memory."""

import asyncio
import hashlib
import json
import os
import socket
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journal_places import SECOND, InFile, OnServer, Place, note

from hedgerow.ledger.journal import (
    GENESIS,
    Draft,
    DraftRefused,
    Journal,
    JournalBroken,
    JournalError,
    JournalLeased,
    Record,
    verified,
)


async def everything(journal: Journal, after: int = 0) -> list[Record]:
    return [record async for record in journal.read(after)]


def filled(place: Place, count: int) -> None:
    """Let a desk write some facts and go."""

    async def write() -> None:
        journal = place.journal()
        await journal.open("first")
        await journal.append([note(number) for number in range(1, count + 1)])
        await journal.close()

    asyncio.run(write())


def test_what_was_appended_reads_back_and_comes_again_at_the_next_open(place: Place) -> None:
    async def live() -> None:
        journal = place.journal()
        assert await journal.open("desk") == ()
        first = await journal.append([note(1), note(2)])
        second = await journal.append([note(3)])
        assert [record.number for record in (*first, *second)] == [1, 2, 3]
        assert await everything(journal) == [*first, *second]
        assert await everything(journal, after=2) == list(second)
        await journal.close()
        again = place.journal()
        assert list(await again.open("desk")) == [*first, *second]
        (fourth,) = await again.append([note(4)])
        assert (fourth.number, fourth.before) == (4, second[0].digest)
        await again.close()

    asyncio.run(live())


def test_a_record_is_sealed_as_the_reference_page_says(place: Place) -> None:
    async def live() -> list[Record]:
        journal = place.journal()
        await journal.open("desk")
        body = {"venue": "Börse", "b": [1, 2.5, None, True], "a": {"x": "1e-8"}}
        await journal.append([Draft(time=7, kind="funding", body=body, key="k 1"), note(2)])
        found = await everything(journal)
        await journal.close()
        return found

    before = GENESIS
    for record in asyncio.run(live()):
        body = json.dumps(record.body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        head = f"1\n{record.number}\n{record.time}\n{record.kind}\n{record.key}\n"
        assert record.before == before
        before = hashlib.sha256(f"{head}{body}\n{before}".encode()).hexdigest()
        assert record.digest == before


def test_a_fact_known_by_its_key_is_left_out(place: Place) -> None:
    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        first = await journal.append([note(1, key="a"), note(2, key="a"), note(3), note(3)])
        assert [record.body["number"] for record in first] == [1, 3, 3]
        second = await journal.append([note(4, key="a"), note(5, key="a", kind="other")])
        assert [record.body["number"] for record in second] == [5]
        assert await journal.append([note(6, key="a")]) == []
        await journal.close()
        again = place.journal()
        await again.open("desk")
        assert await again.append([note(7, key="a")]) == []
        assert [record.number for record in await again.append([note(8)])] == [5]
        await again.close()

    asyncio.run(live())


@pytest.mark.parametrize(
    "body",
    [
        {"legs": ("a", "b")},
        {"price": float("nan")},
        {"price": float("inf")},
        {"price": Decimal("1.5")},
        {1: "a"},
        {1: "a", "b": 2},
        {"raw": b"x"},
    ],
)
def test_a_body_that_would_not_read_back_is_refused_and_nothing_is_written(
    place: Place, body: Mapping[Any, Any]
) -> None:
    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        await journal.append([note(1)])
        with pytest.raises(DraftRefused, match="'state'"):
            await journal.append([note(2), Draft(time=0, kind="state", body=body), note(3)])
        assert [record.number for record in await everything(journal)] == [1]
        assert [record.number for record in await journal.append([note(4)])] == [2]
        assert len(list(verified(await everything(journal)))) == 2
        await journal.close()

    asyncio.run(live())


@pytest.mark.parametrize(
    "draft",
    [
        Draft(time=0, kind="two\nlines", body={}),
        Draft(time=0, kind="note", body={}, key="a\x00b"),
        Draft(time=0, kind="note", body={}, key="half \ud800"),
        Draft(time=2**63, kind="note", body={}),
    ],
)
def test_a_name_or_time_that_cannot_be_kept_is_refused(place: Place, draft: Draft) -> None:
    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        with pytest.raises(DraftRefused):
            await journal.append([draft])
        await journal.close()

    asyncio.run(live())


def test_a_venues_broken_text_survives(place: Place) -> None:
    body = {"reason": "nul \x00, half \ud83d, line \u2028, quote ' \" \\, emoji 🌿"}

    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        await journal.append([Draft(time=0, kind="alert", body=body)])
        (record,) = verified(await everything(journal))
        assert record.body == body
        await journal.close()

    asyncio.run(live())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)  # fmt: skip


def test_any_json_survives(place: Place) -> None:
    with asyncio.Runner() as runner:
        journal = place.journal()
        runner.run(journal.open("desk"))

        @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(body=st.dictionaries(st.text(), JSON))
        def survives(body: dict[str, Any]) -> None:
            (written,) = runner.run(journal.append([Draft(time=1, kind="note", body=body)]))
            (read,) = runner.run(everything(journal, after=written.number - 1))
            assert read == written
            assert json.dumps(read.body, sort_keys=True) == json.dumps(body, sort_keys=True)

        survives()
        runner.run(journal.close())
        again = place.journal()
        assert len(runner.run(again.open("desk"))) >= 40
        runner.run(again.close())


def test_a_fold_over_drafts_equals_the_fold_over_what_is_read_back(place: Place) -> None:
    drafts = [
        Draft(time=1, kind="entry", body={"amount": "0.1", "at": [1, 2.5e-300]}, key="x"),
        Draft(time=2, kind="state", body={"state": "armed", "by": None, "on": True}),
    ]

    def fold(facts: list[Draft] | list[Record]) -> list[object]:
        return [(each.time, each.kind, each.key, dict(each.body)) for each in facts]

    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        written = list(await journal.append(drafts))
        assert fold(drafts) == fold(written) == fold(await everything(journal))
        await journal.close()

    asyncio.run(live())


def test_a_body_changed_after_it_was_appended_does_not_change_the_record(place: Place) -> None:
    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        body = {"legs": ["a"]}
        (written,) = await journal.append([Draft(time=1, kind="note", body=body)])
        body["legs"].append("b")
        assert written.body == {"legs": ["a"]}
        assert list(verified(await everything(journal))) == [written]
        await journal.close()

    asyncio.run(live())


def test_two_desks_never_hold_one_journal(place: Place) -> None:
    async def live() -> None:
        first, second = place.journal(), place.journal()
        await first.open("treasury")
        place.watch.pass_(29)
        with pytest.raises(JournalLeased) as refused:
            await second.open("other")
        said = str(refused.value)
        assert "'treasury'" in said
        assert f"process {os.getpid()} on {socket.gethostname()}" in said
        assert "2024-01-01 08:00:00 UTC" in said
        assert "stop that one first" in said
        await first.append([note(1)])
        await first.close()
        assert len(await second.open("other")) == 1
        await second.close()

    asyncio.run(live())


def test_a_desk_that_went_silent_is_replaced_and_writes_no_more(place: Place) -> None:
    async def live() -> None:
        silent, fresh = place.journal(), place.journal()
        await silent.open("silent")
        await silent.append([note(1)])
        place.watch.pass_(31)
        assert len(await fresh.open("fresh")) == 1
        await fresh.append([note(2)])
        for _ in range(2):
            with pytest.raises(JournalLeased, match=r"'silent' may no longer.*'fresh'.*08:00:31"):
                await silent.append([note(3)])
        with pytest.raises(JournalLeased, match="stop this desk"):
            await silent.renew()
        await silent.close()  # gives back nothing that is not its own
        await fresh.append([note(4)])
        numbers = [record.body["number"] for record in await everything(fresh)]
        assert numbers == [1, 2, 4]
        with pytest.raises(JournalLeased):
            await place.journal().open("third")
        await fresh.close()

    asyncio.run(live())


def test_anybody_may_ask_who_holds_it(place: Place) -> None:
    async def live() -> None:
        desk, other = place.journal(), place.journal()
        await desk.open("treasury")
        said = await other.holder()
        assert f"desk 'treasury', process {os.getpid()} on " in said
        place.watch.pass_(31)
        assert await other.holder() == ""
        await desk.renew()
        assert await other.holder() == said
        await desk.close()
        assert await other.holder() == ""

    asyncio.run(live())


def test_signs_of_life_keep_the_lease(place: Place) -> None:
    async def live() -> None:
        holder, other = place.journal(), place.journal()
        await holder.open("desk")
        place.watch.pass_(25)
        await holder.renew()
        place.watch.pass_(25)
        with pytest.raises(JournalLeased):
            await other.open("other")
        await holder.append([note(1)])
        place.watch.pass_(25)
        with pytest.raises(JournalLeased):
            await other.open("other")
        await holder.close()

    asyncio.run(live())


def test_a_clock_set_back_a_little_frees_nothing(place: Place) -> None:
    async def live() -> None:
        holder, other = place.journal(), place.journal()
        await holder.open("desk")
        place.watch.pass_(-20)
        with pytest.raises(JournalLeased):
            await other.open("other")
        await holder.close()

    asyncio.run(live())


def test_a_desk_that_slept_writes_on_if_nobody_came(place: Place) -> None:
    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        place.watch.pass_(3_600)
        assert len(await journal.append([note(1)])) == 1
        await journal.close()

    asyncio.run(live())


@pytest.mark.parametrize("column", ["body", "kind", "key", "before", "digest"])
def test_a_changed_record_is_named_and_the_journal_not_opened(place: Place, column: str) -> None:
    filled(place, 5)
    place.change(3, column, '{"number": 30}')

    async def live() -> None:
        with pytest.raises(JournalBroken, match=r"record 3 .*restore"):
            await place.journal().open("desk")
        with pytest.raises(JournalBroken, match="record 3"):
            list(verified(await everything(place.journal())))

    asyncio.run(live())


def test_a_refused_open_leaves_the_lease_free(place: Place) -> None:
    filled(place, 2)
    place.change(1, "kind", "other")

    async def live() -> None:
        for _ in range(2):  # the second would be refused as leased if the first had kept it
            with pytest.raises(JournalBroken):
                await place.journal().open("desk")

    asyncio.run(live())


def test_reading_needs_no_lease_and_follows_a_running_desk(place: Place) -> None:
    async def live() -> None:
        desk, reader = place.journal(), place.journal()
        await desk.open("desk")
        await desk.append([note(1), note(2)])
        assert [record.number for record in await everything(reader)] == [1, 2]
        await desk.append([note(3)])
        assert [record.number for record in await everything(reader, after=2)] == [3]
        assert await everything(reader, after=3) == []
        await desk.close()

    asyncio.run(live())


def test_nothing_is_written_before_open_or_after_close(place: Place) -> None:
    async def live() -> None:
        journal = place.journal()
        with pytest.raises(JournalError, match="open"):
            await journal.append([note(1)])
        await journal.open("desk")
        await journal.close()
        await journal.close()
        with pytest.raises(JournalError, match="open"):
            await journal.append([note(1)])
        assert await everything(journal) == []

    asyncio.run(live())


def test_an_empty_append_writes_nothing(place: Place) -> None:
    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        assert list(await journal.append([])) == []
        assert await everything(journal) == []
        await journal.close()

    asyncio.run(live())


def test_a_long_journal_is_read_page_by_page(
    kept: InFile | OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sqlite", "postgres"):
        monkeypatch.setattr(f"hedgerow.adapters.journal.{module}.PAGE", 10)
    monkeypatch.setattr(
        "hedgerow.adapters.journal.postgres._ROWS",
        "SELECT number, time, kind, key, body, before, digest FROM hedgerow.records "
        "WHERE number > $1 ORDER BY number LIMIT 10",
    )
    filled(kept, 25)

    async def live() -> None:
        journal = kept.journal()
        assert [record.number for record in await everything(journal)] == list(range(1, 26))
        async for record in journal.read(after=3):
            if record.number == 7:
                break
        assert len(await journal.open("desk")) == 25
        await journal.close()

    asyncio.run(live())


def test_a_batch_is_quick_to_seal(place: Place) -> None:
    """A thousand facts at once stay one batch: all of them, in order."""

    async def live() -> None:
        journal = place.journal()
        await journal.open("desk")
        drafts = [note(number, key=f"k{number}") for number in range(1_000)]
        written = await journal.append(drafts)
        assert [record.time for record in written] == [n * SECOND for n in range(1_000)]
        assert await journal.append(drafts) == []
        await journal.close()

    asyncio.run(live())
