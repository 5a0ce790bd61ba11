"""Ends with 0 if a desk of this machine answers `/healthz`, with 1 if none does.

For a container or a monitor: it needs nothing but Python, and neither token nor secret.
"""

# ruff: noqa: INP001 - it runs by itself

import http.client
import json
import os
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT = 3.0  # seconds


def home() -> Path:
    """Return the folder of all desks."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if base else Path.home() / ".local" / "state") / "hedgerow"


def healthy(url: str) -> bool:
    """Return whether the desk at `url` says that it is well."""
    parts = urlsplit(url)
    asked: http.client.HTTPConnection
    if parts.scheme == "https":
        # Nothing is sent but the question, so whose certificate it is does not matter.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        asked = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT, context=context)
    else:
        asked = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def main() -> int:
    """Return 0 if there is a desk, and each that is there answers."""
    found = sorted(home().glob("*/api.json"))
    urls = [json.loads(path.read_text(encoding="utf-8"))["url"] for path in found]
    return 0 if urls and all(map(healthy, urls)) else 1


if __name__ == "__main__":
    sys.exit(main())
