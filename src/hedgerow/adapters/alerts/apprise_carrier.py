"""Alerts through Apprise: Telegram, Slack, mail, webhooks and a hundred others by their URL."""

import asyncio
import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final

from hedgerow.errors import ConfigError
from hedgerow.execution.secret import Secret

LONGEST: Final = 300  # characters of a reason
KINDS: Final = {"info": "info", "warning": "warning", "critical": "failure"}


class AppriseCarrier:
    """One address that alerts go to.

    Parameters
    ----------
    url
        As Apprise writes it; it holds the keys of the service, so it is a secret.
    redact
        Takes secrets out of what goes wrong.

    Raises
    ------
    ConfigError
        If Apprise is not installed or knows no such address; the message names its scheme only.
    """

    def __init__(self, url: Secret, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self.name = _scheme(url)
        self._service = _service(url)

    async def send(self, level: str, title: str, text: str) -> str:
        """Deliver once, in a thread; return "" or, without a secret, what went wrong."""
        return await asyncio.to_thread(self._send, KINDS[level], title, text)

    def _send(self, kind: str, title: str, text: str) -> str:
        heard = _Heard()
        logger = logging.getLogger("apprise")
        logger.addHandler(heard)
        try:
            delivered = self._service.notify(
                body=text, title=title, notify_type=kind, body_format="text"
            )
        except (OSError, RuntimeError, TypeError, ValueError) as error:
            return self._said(f"{type(error).__name__}: {error}")
        finally:
            logger.removeHandler(heard)
        if delivered:
            return ""
        return self._said(heard.text or "not delivered, and the service does not say why")

    def _said(self, reason: str) -> str:
        said = self._redact(" ".join(reason.split()))
        return f"{self.name}: {said if len(said) <= LONGEST else said[:LONGEST] + '...'}"


class _Heard(logging.Handler):
    """Keeps what Apprise complains of while it sends."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._lines.append(record.getMessage())

    @property
    def text(self) -> str:
        """All lines."""
        return "; ".join(self._lines)


def apprise_carriers(
    urls: Sequence[Secret], redact: Callable[[str], str]
) -> tuple[AppriseCarrier, ...]:
    """Return a carrier for each address."""
    return tuple(AppriseCarrier(url, redact) for url in urls)


def _service(url: Secret) -> Any:  # noqa: ANN401 - Apprise ships no types
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ConfigError(
            'alerts need the package apprise; run `pip install "hedgerow[alerts]"`'
        ) from error
    asset = apprise.AppriseAsset(
        app_id="hedgerow",
        app_desc="hedgerow",
        app_url="",
        image_url_logo="",
        image_url_mask="",
        async_mode=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    service = apprise.Apprise(asset=asset)
    logger = logging.getLogger("apprise")
    logger.addHandler(quiet := logging.NullHandler())  # its complaints quote the URL
    propagated, logger.propagate = logger.propagate, False
    try:
        with warnings.catch_warnings():  # its plug-ins import what Python has deprecated
            warnings.simplefilter("ignore", DeprecationWarning)
            known = service.add(url.reveal())
    finally:
        logger.propagate = propagated
        logger.removeHandler(quiet)
    if not known:
        raise ConfigError(
            f"[alerts] urls: Apprise knows no address of the form {_scheme(url)}://...; write one "
            "such as tgram://BOT_TOKEN/CHAT_ID, slack://..., mailto://... or json://HOST/PATH into "
            "the secret"
        )
    return service


def _scheme(url: Secret) -> str:
    scheme, found, _ = url.reveal().partition("://")
    return scheme if found and scheme.isalnum() and len(scheme) <= 20 else "?"
