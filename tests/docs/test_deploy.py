"""What runs a desk as a service or in a container is sound, and fits the program."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = (ROOT / "deploy" / "hedgerow@.service").read_text(encoding="utf-8")
IMAGE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "how-to" / "run-unattended.md").read_text(encoding="utf-8")


class Health(BaseHTTPRequestHandler):
    """A desk that answers one question."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
    Health.status = 200


def checked(state: Path) -> int:
    script = ROOT / "deploy" / "healthcheck.py"
    return subprocess.run(
        [sys.executable, script], env={**os.environ, "XDG_STATE_HOME": str(state)}, check=False
    ).returncode


def addressed(state: Path, name: str, port: int) -> None:
    folder = state / "hedgerow" / name
    folder.mkdir(parents=True)
    text = json.dumps({"name": name, "url": f"http://127.0.0.1:{port}", "token": "made up"})
    (folder / "api.json").write_text(text, encoding="utf-8")


def test_a_desk_that_answers_is_healthy_and_any_other_is_not(
    tmp_path: Path, desk: ThreadingHTTPServer
) -> None:
    assert checked(tmp_path) == 1  # no desk at all
    addressed(tmp_path, "treasury", desk.server_address[1])
    assert checked(tmp_path) == 0
    Health.status = 503
    assert checked(tmp_path) == 1
    Health.status = 200
    addressed(tmp_path, "other", 9)  # nobody listens there
    assert checked(tmp_path) == 1


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit_and_finds_it_well_shut(tmp_path: Path) -> None:
    unit = tmp_path / "hedgerow@treasury.service"
    text = UNIT.replace("/srv/hedgerow/bin/hedgerow", shutil.which("true") or "/bin/true")
    unit.write_text(text.replace("=hedgerow\n", "=root\n"), encoding="utf-8")
    verify = subprocess.run(
        ["systemd-analyze", "verify", unit],  # noqa: S607 - where it is installed differs
        check=False,
        capture_output=True,
        text=True,
    )
    assert str(unit) not in verify.stderr, verify.stderr
    shut = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit],  # noqa: S607 - the same
        check=False,
        capture_output=True,
        text=True,
    )
    if shut.returncode:  # an older systemd has no --offline
        pytest.skip(shut.stderr.strip())
    found = re.search(r"Overall exposure level.*: ([\d.]+)", shut.stdout)
    assert found is not None
    assert float(found[1]) < 3.0


def test_the_unit_says_what_keeps_secrets_and_state_apart() -> None:
    lines = UNIT.splitlines()
    for line in (
        "LoadCredential=secrets.toml:/etc/hedgerow/%i.secrets.toml",
        "Restart=on-failure",
        "RestartPreventExitStatus=2",  # what is given to it is wrong, and would be wrong again
        "ProtectSystem=strict",
        "StateDirectoryMode=0700",
    ):
        assert line in lines
    assert "MemoryDenyWriteExecute=yes" not in lines  # compiled kernels would not start


def test_the_image_installs_extras_that_exist_and_does_not_run_as_root() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(re.findall(r"--extra (\w+)", IMAGE))
    assert extras
    assert extras <= set(project["optional-dependencies"])
    assert re.findall(r"^USER (\w+)$", IMAGE, re.MULTILINE) == ["hedgerow"]
    for copied in re.findall(r"^COPY (?!--from)(.+)$", IMAGE, re.MULTILINE):
        *sources, _ = copied.split()
        ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source


def test_the_page_and_the_unit_speak_of_the_same_files_and_variables() -> None:
    for name in ("HEDGEROW_FLAGS", "hedgerow@.service", ".secrets.toml", ".env"):
        assert name in UNIT or name == "hedgerow@.service"
        assert name in PAGE
