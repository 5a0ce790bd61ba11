"""The whole API opened beside a desk: token, address file, server; and closed again.

The packages of the extra `dashboard` are imported here, when a desk opens its API, so that
everything else of this room can be read without them.
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hedgerow.dashboard.address import Address, new_token, remove_address, write_address
from hedgerow.dashboard.listening import Listening
from hedgerow.errors import ConfigError
from hedgerow.live.handle import DeskHandle

if TYPE_CHECKING:
    from socket import socket

    from hedgerow.dashboard.metrics import DeskMetrics
    from hedgerow.dashboard.server import ApiServer
    from hedgerow.execution.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An open API; `close` it when the desk ends."""

    address: Address
    folder: Path
    server: "ApiServer"

    async def close(self) -> None:
        """Close the server and remove the address file."""
        await self.server.stop()
        await asyncio.to_thread(remove_address, self.folder, self.address.pid)


async def open_api(
    desk: DeskHandle,
    listening: Listening,
    folder: Path,
    *,
    token: "Secret | None" = None,
    metrics: "DeskMetrics | None" = None,
    port: "socket | None" = None,
) -> Api:
    """Serve `desk` and write its address into `folder`, the desk's state folder.

    Parameters
    ----------
    token
        A new one at each start unless given.
    metrics
        As `desk_metrics` makes them; the route is missing without.
    port
        As `held_port` holds it; one is taken now unless given.

    Raises
    ------
    ConfigError
        If the extra is not installed, or it may not or cannot listen there.
    """
    try:
        from hedgerow.dashboard.app import application  # noqa: PLC0415 - an extra
        from hedgerow.dashboard.server import ApiServer  # noqa: PLC0415 - the same
    except ModuleNotFoundError as error:
        raise _extra_missing(error) from None
    token = token or new_token()
    app = application(desk, token, metrics=metrics, hosts=listening.names)
    server = ApiServer(app, listening, port)
    identity = desk.view().desk
    address = Address(
        name=identity.name,
        url=await server.start(),
        pid=os.getpid(),
        token=token,
        mode=identity.mode,
        certificate=listening.certificate,
    )
    try:
        await asyncio.to_thread(write_address, folder, address)
    except OSError as error:
        await server.stop()
        raise ConfigError(
            f"{folder}: the address of the API cannot be written: {error.strerror}"
        ) from None
    return Api(address=address, folder=folder, server=server)


def desk_metrics(desk: DeskHandle) -> "DeskMetrics":
    """Return metrics of `desk`; they are also its `hedgerow.live.timings.Timings`."""
    try:
        from hedgerow.dashboard.metrics import DeskMetrics  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise _extra_missing(error) from None
    return DeskMetrics(desk.view)


def _extra_missing(error: ModuleNotFoundError) -> ConfigError:
    return ConfigError(
        f'the desk\'s API needs {error.name}; install it with: pip install "hedgerow[dashboard]"'
    )
