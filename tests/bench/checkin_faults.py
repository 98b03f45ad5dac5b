"""What the rush loses when the server is killed outright in the middle of it, again and again: nothing.

    ./dev bench checkin-faults [HOW OFTEN]

Real processes on SQLite, each ended by SIGKILL at a random moment while phones check in; each phone tries
with the same claim until it is told. One JSON object; the bar: every check-in that a phone was told of is
there, none twice, and every day's chain holds.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from portal.bus import Bus
from portal.db import Database
from portal.migrations import steps
from tests.checkin_kills import rush_with_kills
from tests.checkin_people import add_comers
from tests.checkin_runs import count
from tests.fixtures.real_portal import KEY

KILLS, LEAST_KILLS, COME_PER_KILL, CENTRES = 25, 20, 15, 3


def main() -> int:
    """Play it, print the line, and tell whether the bar holds."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with us
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with tempfile.TemporaryDirectory() as folder:
        line = play(Path(folder), kills)
    print(json.dumps(line), flush=True)
    return 1 if line["over"] else 0


def play(folder: Path, kills: int) -> dict[str, object]:
    """Let people come until the server has been killed so often, and count what is there."""
    database = Database(f"sqlite:///{folder / 'office.sqlite3'}", facts=Bus(), data_keys=(KEY,))
    steps.upgrade(database)
    with database.transaction() as s:
        crowd = add_comers(s, COME_PER_KILL * kills, CENTRES)
    rush = asyncio.run(rush_with_kills(database, crowd, kills=kills))
    lost, dup, broken = count(database, rush.told)
    database.close()
    counted = {
        "lost": lost,
        "lost_at_a_kill": rush.lost_at_a_kill,
        "dup": dup,
        "broken_days": broken,
        "untold": len(crowd.comers) - len(rush.told),
    }
    over = [f"{name} {number} > 0" for name, number in counted.items() if number]
    over += [f"kills {rush.kills} < {LEAST_KILLS}"] if rush.kills < min(kills, LEAST_KILLS) else []
    happened = {"kills": rush.kills, "told": len(rush.told), "tries_cut_off": rush.tries_cut_off}
    return {"fault": "kill -9 in the rush", "edition": "embedded", **happened, **counted, "over": over}


if __name__ == "__main__":
    sys.exit(main())
