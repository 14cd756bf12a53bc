"""A process that applies the rules of this folder once it is told to, and says how much it asked for."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

from veo_studio.core.paths import Paths
from veo_studio.core.store.database import Database
from veo_studio.core.store.publishing import PublishingRepository


def apply_in_threads(count: int) -> int:
    """How many deliveries all of them asked for."""
    database = Database.open(Paths.default().database)
    repository = PublishingRepository(database)
    try:
        with ThreadPoolExecutor(count) as threads:
            jobs = [
                threads.submit(lambda: len(asyncio.run(repository.apply_rules())))
                for _ in range(count)
            ]
            return sum(job.result() for job in jobs)
    finally:
        database.close()


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    print(apply_in_threads(4), flush=True)
