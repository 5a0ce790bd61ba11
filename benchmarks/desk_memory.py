"""A whole day of a desk in a process of its own: how its memory grows, hour by hour.

``python -m benchmarks.desk_memory HOURS`` prints JSON: resident bytes after each hour, events and
orders. The journal is a file, the venue answers at once, a decision trades every five seconds.
"""

import asyncio
import gc
import json
import os
import resource
import sys
from pathlib import Path

from benchmarks.desk_job import PER_SECOND, START, Rig, on_disk, prices, quotes, with_clock
from hedgerow.units import SECOND

HOUR_S = 3_600
CADENCE = 5 * SECOND


async def day(hours: int) -> dict[str, object]:
    """Return what was seen of so many hours."""
    sizes = []
    count = HOUR_S * PER_SECOND
    with on_disk() as journal:
        rig = Rig(journal, CADENCE)
        await rig.begin()
        for hour in range(hours):
            walk = prices(count, seed=hour)
            for signal in with_clock(quotes(walk, START + hour * HOUR_S * SECOND)):
                await rig.tell(signal)
            rig.placed.clear()
            rig.committed.clear()
            gc.collect()
            sizes.append(resident())
        await journal.close()
    return {
        "resident_bytes": sizes,
        "events": rig.controller.core.counters["events"],
        "orders": rig.venue.trades,
    }


def resident() -> int:
    """Return the bytes that this process holds in memory; the most ever where only that is told."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(day(int(sys.argv[1])))))
