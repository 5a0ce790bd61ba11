"""An operator's last word survives a journal that cannot be written, even on a full disk."""

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from hedgerow.adapters.journal.spoken import SIZE, STATES, SpokenFile
from hedgerow.ledger.journal import Draft, JournalError
from hedgerow.live.view import State


def said(order: str, reason: str = "") -> Draft:
    body = {"order": order, "by": "ops", "reason": reason, "begins_as": "killed"}
    return Draft(time=7, kind="operator", body=body)


def test_the_last_word_is_kept_read_back_and_forgotten(tmp_path: Path) -> None:
    file = SpokenFile(tmp_path, "paper")
    file.prepare()
    assert file.kept() is None
    file.keep(said("pause"))
    file.keep(said("kill", "日本 \U0001f525"))
    assert SpokenFile(tmp_path, "paper").kept() == said("kill", "日本 \U0001f525")
    assert stat.S_IMODE(file.place.stat().st_mode) == 0o600
    file.forget()
    file.forget()
    assert file.kept() is None


def test_what_is_said_to_paper_is_not_said_to_real_money(tmp_path: Path) -> None:
    SpokenFile(tmp_path, "paper").keep(said("kill"))
    assert SpokenFile(tmp_path, "live").kept() is None


def test_a_full_disk_takes_two_words_into_the_spare_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SpokenFile(tmp_path, "paper")
    file.prepare()
    opened = os.open

    def full(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_CREAT and not Path(path).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", full)
    file.keep(said("pause"))
    file.keep(said("kill"))
    assert file.kept() == said("kill")
    with pytest.raises(OSError, match="No space left"):
        file.keep(said("resume"))
    assert file.kept() == said("kill")


def test_a_longer_word_leaves_nothing_of_a_shorter_one_and_room_for_any(tmp_path: Path) -> None:
    file = SpokenFile(tmp_path, "paper")
    file.keep(said("kill", "\U0001f525" * 300))
    assert file.place.stat().st_size == SIZE
    file.forget()
    file.keep(said("arm"))
    assert file.kept() == said("arm")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"time": 1}'])
def test_a_file_that_cannot_be_understood_stops_the_start(tmp_path: Path, text: str) -> None:
    file = SpokenFile(tmp_path, "paper")
    file.place.write_text(text, encoding="utf-8")
    with pytest.raises(JournalError, match="remove it, start the desk, and say it again"):
        file.kept()


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        ({"body": {}}, "its body has no text order, by, reason"),
        ({"body": [1]}, "its body is no record"),
        ({"body": {**said("kill").body, "begins_as": "asleep"}}, "begins_as 'asleep' is none of"),
        ({"body": {**said("kill").body, "begins_as": ["killed"]}}, "is none of armed, killed"),
        ({"body": {**said("kill").body, "begins_as": "stopped"}}, "begins_as 'stopped'"),
        ({"body": {**said("kill").body, "flattening": "no"}}, "flattening is neither"),
        ({"body": {"order": "kill", "by": None, "reason": 1}}, "no text by, reason"),
        ({"kind": "trade"}, "kind 'trade' is not 'operator'"),
        ({"time": "noon"}, "time 'noon' is no instant"),
        ({"time": True}, "time 'True' is no instant"),
        ({"time": 2**63}, "is no instant"),
    ],
)
def test_a_word_with_a_wrong_body_is_a_damaged_file_and_not_a_defect(
    tmp_path: Path, change: dict[str, object], damage: str
) -> None:
    file, word = SpokenFile(tmp_path, "paper"), said("kill")
    content = {"time": word.time, "kind": word.kind, "body": word.body, **change}
    file.place.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(JournalError, match="remove it, start the desk") as refused:
        file.kept()
    assert damage in str(refused.value)
    assert str(file.place) in str(refused.value)


def test_a_desk_may_begin_in_every_state_but_the_one_of_a_desk_that_ended() -> None:
    assert {str(state) for state in State} - {"stopped"} == STATES


def test_a_word_that_needs_more_room_leaves_nothing_behind(tmp_path: Path) -> None:
    file = SpokenFile(tmp_path, "paper")
    file.keep(said("kill", "x" * 2 * SIZE))
    assert file.kept() == said("kill", "x" * 2 * SIZE)
    file.forget()
    file.keep(said("arm"))
    assert file.kept() == said("arm")
