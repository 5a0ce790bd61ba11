"""Where an API listens and what its address file says: the loopback, and the owner's alone."""

import asyncio
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desk_server import Client
from hedgerow.dashboard.address import (
    FILE,
    Address,
    addresses,
    new_token,
    read_address,
    remove_address,
    write_address,
)
from hedgerow.dashboard.gate import Failures
from hedgerow.dashboard.listening import Listening
from hedgerow.dashboard.opening import open_api
from hedgerow.errors import ConfigError
from hedgerow.execution.secret import Secret
from sample_desk import SampleDesk

HERE = Address(
    name="treasury",
    url="http://127.0.0.1:8321",
    pid=os.getpid(),
    token=Secret("s3cret"),
    mode="paper",
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = write_address(tmp_path / "treasury", HERE)
    assert read_address(path) == HERE
    assert addresses(tmp_path) == {"treasury": path}
    assert list(path.parent.iterdir()) == [path]


def test_only_its_owner_may_read_it_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = write_address(tmp_path / "treasury", HERE)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_new_desk_replaces_an_old_address_and_an_old_one_leaves_the_new(tmp_path: Path) -> None:
    path = write_address(tmp_path, replace(HERE, pid=1))
    write_address(tmp_path, HERE)
    remove_address(tmp_path, 1)
    assert read_address(path).pid == HERE.pid
    remove_address(tmp_path, HERE.pid)
    assert not path.exists()
    remove_address(tmp_path, HERE.pid)


def test_a_link_laid_out_for_us_is_not_followed(tmp_path: Path) -> None:
    """A draft under a foreseeable name must not write through a link of somebody else's."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "treasury"
    folder.mkdir()
    (folder / f".{FILE}.{os.getpid()}").symlink_to(victim)
    write_address(folder, HERE)
    assert victim.read_text() == "precious"


def test_the_token_is_in_no_repr_and_each_is_new() -> None:
    assert "s3cret" not in repr(HERE)
    one, two = new_token(), new_token()
    assert one != two
    assert len(one.reveal()) >= 43


def test_a_process_that_ended_is_not_alive() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert HERE.alive
    assert not replace(HERE, pid=done.pid).alive
    assert not replace(HERE, pid=2**70).alive


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example"])  # noqa: S104 - refused
def test_beyond_the_loopback_must_be_asked_for(host: str) -> None:
    with pytest.raises(ConfigError, match="allow_remote"):
        Listening(host=host).check()
    Listening(host=host, allow_remote=True).check()


@pytest.mark.parametrize(
    ("listening", "said"),
    [
        (Listening(port=70_000), "port 70000"),
        (Listening(port=-1), "port -1"),
        (Listening(certificate="c.pem"), "belong together"),
    ],
)
def test_settings_that_cannot_be_meant_are_named(listening: Listening, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        listening.check()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}"):
            asyncio.run(open_api(SampleDesk(), Listening(port=port), tmp_path))
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_every_name_of_the_loopback_answers(tmp_path: Path, host: str) -> None:
    async def asked() -> tuple[str, int]:
        api = await open_api(SampleDesk(), Listening(host=host), tmp_path)
        client = Client(url=api.address.url, token=api.address.token.reveal())
        answer = await asyncio.to_thread(client.get, "/status")
        await api.close()
        await api.close()
        return api.address.url, answer.status

    try:
        url, status = asyncio.run(asked())
    except ConfigError:
        if host == "::1":
            pytest.skip("this machine has no IPv6")
        raise
    assert status == 200
    assert url.startswith("http://[::1]:" if host == "::1" else "http://127.0.0.1:")


def test_a_folder_that_cannot_be_written_closes_the_server_again(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigError, match="cannot be written"):
        asyncio.run(open_api(SampleDesk(), Listening(), tmp_path / "taken"))


def test_signals_stay_the_desks(tmp_path: Path) -> None:
    import signal

    async def asked() -> bool:
        before = signal.getsignal(signal.SIGINT)
        api = await open_api(SampleDesk(), Listening(), tmp_path)
        same = signal.getsignal(signal.SIGINT) is before
        await api.close()
        return same

    assert asyncio.run(asked())


def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [*sys.modules]:
        if name.startswith(("hedgerow.dashboard.app", "hedgerow.dashboard.server")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(ConfigError, match=r'pip install "hedgerow\[dashboard\]"'):
        asyncio.run(open_api(SampleDesk(), Listening(), tmp_path))


def test_failures_are_forgotten_after_their_window() -> None:
    now = [0.0]
    failures = Failures(most=2, window=60.0, clock=lambda: now[0])
    failures.note()
    assert failures.wait == 0.0
    now[0] = 10.0
    failures.note()
    assert failures.wait == 50.0
    now[0] = 60.0
    assert failures.wait == 0.0
