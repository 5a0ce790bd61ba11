"""One PostgreSQL server for all tests of the journal, and a place for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from journal_places import InFile, InMemory, OnServer, Place, fresh_database, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with running_server() as url:
        yield url


@pytest.fixture
def in_file(tmp_path: Path) -> InFile:
    return InFile(tmp_path)


@pytest.fixture
def on_server(server: str) -> OnServer:
    return OnServer(fresh_database(server))


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def place(request: pytest.FixtureRequest) -> Place:
    """Return each kind of home in turn."""
    if request.param == "memory":
        return InMemory()
    name = {"sqlite": "in_file", "postgres": "on_server"}[request.param]
    home: Place = request.getfixturevalue(name)
    return home


@pytest.fixture(params=["sqlite", "postgres"])
def kept(request: pytest.FixtureRequest) -> InFile | OnServer:
    """Return each kind of home that outlives a process."""
    name = {"sqlite": "in_file", "postgres": "on_server"}[request.param]
    home: InFile | OnServer = request.getfixturevalue(name)
    return home
