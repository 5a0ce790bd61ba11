"""Whoever asks a desk in `benchmarks.status`: one question after another, and a stream beside it.

``python -m benchmarks.status_client API.json QUESTIONS`` prints the seconds of each as JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from websockets.asyncio.client import connect

from hedgerow.cli.desk_client import DeskClient
from hedgerow.dashboard.address import Address, read_address

PAUSE = 0.005  # seconds between an answer and the next question
WARM = 50  # questions before it counts


async def ask(address: Address, questions: int) -> dict[str, object]:
    """Return the seconds of each answer, and how many views the stream brought meanwhile."""
    views = 0

    async def listen() -> None:
        nonlocal views
        headers = {"Authorization": f"Bearer {address.token.reveal()}"}
        url = address.url.replace("http", "ws", 1) + "/stream"
        async with connect(url, additional_headers=headers) as wire:
            async for _ in wire:
                views += 1

    listening = asyncio.create_task(listen())
    seconds = await asyncio.to_thread(_questions, address, questions)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    return {"seconds": seconds, "views": views}


def _questions(address: Address, questions: int) -> list[float]:
    client = DeskClient(address)
    seconds = []
    try:
        for _ in range(WARM + questions):
            begun = time.perf_counter()
            client.get("/status")
            seconds.append(time.perf_counter() - begun)
            time.sleep(PAUSE)
    finally:
        client.close()
    return seconds[WARM:]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ask(read_address(Path(sys.argv[1])), int(sys.argv[2])))))
