"""What the chat loses when things break: real processes, and each phone behind a net of its own.

    ./dev bench chat-faults [PART OF A NAME …]

One JSON object a fault. The bar: nothing lost, doubled, out of order, made up, overheard or left undone; five
seconds after the fault has ended everybody sees the same; pages answer throughout where the server lives.
`why` says what was found, `hit` how it is known that the fault did happen. Parts of names choose among them.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tests.rig import faults_net, faults_page, faults_server
from tests.rig.faults import FULL, Fault, Size
from tests.rig.office import NotHere, build_office, stage_at
from tests.rig.stage import Played, Stage

CONVERGES_WITHIN_SECONDS = 5.0
SLOWEST_PAGE_SECONDS = 5.0
FAULTS = (*faults_server.FAULTS, *faults_net.FAULTS, *faults_page.FAULTS)


def main() -> int:
    """Play every fault, print its line, and tell whether all bars hold."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with us
    named = sys.argv[1:]
    chosen = [fault for fault in FAULTS if not named or any(name in fault.name for name in named)]
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        for line in play_all(chosen, FULL, Path(folder)):
            print(json.dumps(line, ensure_ascii=False), flush=True)
            holds = holds and not line["over"]
    return 0 if holds else 1


def play_all(chosen: list[Fault], size: Size, folder: Path) -> Iterator[dict[str, object]]:
    """Play faults one after another; those whose database lies in the same place share one stage."""
    office = folder / "office.sqlite3"
    build_office(f"sqlite:///{office}")
    order = sorted(chosen, key=lambda fault: fault.place)
    for number, (place, faults) in enumerate(groupby(order, key=lambda fault: fault.place)):
        try:
            with stage_at(place, folder / f"stage-{number}", office) as stage:
                for fault in faults:
                    print(f"· {fault.name}", file=sys.stderr)
                    yield line_of(fault, play(stage, fault, size))
        except NotHere as reason:
            yield {"fault": [fault.name for fault in faults], "skipped": str(reason), "over": []}


def play(stage: Stage, fault: Fault, size: Size) -> Played:
    """Play one fault on a stage where everybody is connected."""
    stage.wait_until_up()
    with stage.playing(fault.name, pages_answer=fault.pages_answer) as played:
        fault.play(stage, size, played)
    return played


def line_of(fault: Fault, played: Played) -> dict[str, object]:
    """The line of one fault; `over` names the bars that were broken."""
    assert played.verdict is not None
    over = played.verdict.over(CONVERGES_WITHIN_SECONDS) + played.over
    if played.pages_failed:
        over.append(f"{played.pages_failed} pages did not come")
    if played.pages_slowest_s > SLOWEST_PAGE_SECONDS:
        over.append(f"a page took {played.pages_slowest_s} s")
    pages = {"pages_failed": played.pages_failed, "pages_slowest_s": played.pages_slowest_s}
    return (
        played.verdict.as_data() | (pages if fault.pages_answer else {}) | {"hit": played.hit, "over": over}
    )


if __name__ == "__main__":
    sys.exit(main())
