"""A process that asks for one refund from eight threads at once: `python -m tests.faults.refunding FILE ID`.

Prints how many of them were the one that gave the tokens back. Starts when its stdin is closed.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from veo_studio.core.store import ledger
from veo_studio.core.store.database import Database


def main(file: str, generation: str) -> int:
    database = Database.open(Path(file))
    given: list[bool] = []
    print("ready", flush=True)
    sys.stdin.read()

    def ask() -> None:
        given.append(
            database.write_now(
                lambda connection: ledger.refund(
                    connection, int(generation), datetime.now(UTC), "asked for at once"
                )
            )
        )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    assert len(given) == 8
    print(sum(given), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
