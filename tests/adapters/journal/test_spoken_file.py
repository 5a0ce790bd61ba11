"""An operator's last word survives a journal that cannot be written, even on a full disk."""

import errno
import os
import stat
from pathlib import Path

import pytest

from hedgerow.adapters.journal.spoken import SIZE, SpokenFile
from hedgerow.ledger.journal import Draft, JournalError


def said(order: str, reason: str = "") -> Draft:
    return Draft(time=7, kind="operator", body={"order": order, "by": "ops", "reason": reason})


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
