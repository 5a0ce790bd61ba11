"""The port of an API, held before anything else starts, so that a busy one stops nothing midway."""

import os
import socket
import ssl
from typing import Final

from hedgerow.dashboard.listening import Listening
from hedgerow.errors import ConfigError

BACKLOG: Final = 64


def held_port(listening: Listening) -> socket.socket:
    """Return a socket that listens already; close it, or give it to the server.

    Raises
    ------
    ConfigError
        If it may not listen there, the port is taken, the host is none of this machine, or the
        certificate is none.
    """
    listening.check()
    _check_certificate(listening)
    host = "127.0.0.1" if listening.host.lower() == "localhost" else listening.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only where it is; without, an answer
    # in two writes waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, listening.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"[api] cannot listen on {listening.host} port {listening.port}: {error.strerror}; "
            "choose another port, or 0 for a free one"
        ) from None
    return listener


def _check_certificate(listening: Listening) -> None:
    """Read it now, so that a wrong one is named."""
    if not listening.certificate:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(listening.certificate, listening.key, password=_no_password)
    except OSError as error:  # ssl.SSLError is one
        reason = error.strerror or str(error)
        raise ConfigError(
            f"[api] certificate {listening.certificate!r} with its key cannot be used: {reason}; "
            "give two PEM files that belong together"
        ) from None


def _no_password() -> str:
    """Stand in for a question at the terminal, where nobody sits."""
    return ""
