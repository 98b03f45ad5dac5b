"""axe on every page there is: each offered language, light and dark, 320 and 1280 px.

    ./dev bench axe               all
    ./dev bench axe today chat    only these pages (names as in tests/pictures.py)

One JSON object a look, and at the end one with the sum. The exit code is 1 when anything is found.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from portal import i18n
from tests.axe import Finding, look
from tests.fixtures.demo_office import DemoOffice, demo_office
from tests.pictures import SHOTS, Shot, each_shot


def main(wanted: list[str]) -> int:
    """Look at every wanted page, print a line for each look, and tell whether all are clean."""
    began, looks, faults = time.monotonic(), 0, 0
    shots = [shot for shot in SHOTS if not wanted or shot.name in wanted]
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_office(Path(folder)) as office,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for finding in _all(browser, office, shots):
            print(json.dumps(asdict(finding), ensure_ascii=False), flush=True)
            looks += 1
            faults += len(finding.found)
        browser.close()
    seconds = round(time.monotonic() - began)
    print(json.dumps({"pages": len(shots), "looks": looks, "findings": faults, "seconds": seconds}))
    return 1 if faults or not looks else 0


def _all(browser: Browser, office: DemoOffice, shots: list[Shot]) -> Iterator[Finding]:
    for language in (language.code for language in i18n.OFFERED):
        for shot, page in each_shot(browser, office.origin, language, shots):
            yield from look(page, shot, language)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
