"""What a person writes names a journal, or is refused with a way out."""

from pathlib import Path

import pytest

from hedgerow.adapters.journal.memory import MemoryJournal
from hedgerow.adapters.journal.opening import open_journal
from hedgerow.adapters.journal.postgres import PostgresJournal
from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("desk.journal", "desk.journal"),
        ("sqlite:desk.journal", "desk.journal"),
        ("sqlite:///var/desk.journal", "/var/desk.journal"),
        ("sqlite:/var/desk.journal", "/var/desk.journal"),
        ("C:\\desk.journal", "C:\\desk.journal"),
        ("a folder/desk: mine", "a folder/desk: mine"),
        ("~/desk.journal", str(Path.home() / "desk.journal")),
    ],
)
def test_a_path_is_a_file(url: str, path: str) -> None:
    journal = open_journal(url)
    assert isinstance(journal, SqliteJournal)
    assert journal.path == Path(path)


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "postgres://u@h/d", "PostgreSQL://u@h/d"])
def test_a_url_of_a_server_is_a_server(url: str) -> None:
    assert isinstance(open_journal(url), PostgresJournal)


def test_memory_is_memory() -> None:
    assert isinstance(open_journal("memory:"), MemoryJournal)


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "", "sqlite:", "http://x", "redis:x"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"write (a path|one)") as refused:
        open_journal(url)
    assert "secret" not in str(refused.value)
