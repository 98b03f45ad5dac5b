"""When a page's largest part stands on a cheap phone with a bad connection, and how much it moves meanwhile.

Slow 4G as Lighthouse names it (1.6 Mbit/s down, 750 kbit/s up, 150 ms to and fro), and a processor a quarter
as fast. The browser itself slows down and measures; it counts 150 ms for each request, not for the handshake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import BrowserContext

SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER_PROCESSOR = 4
VIEWS = 3

_WATCH = """
window.__paint = {lcp: 0, cls: 0, what: ""};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    window.__paint.lcp = entry.startTime;
    window.__paint.what = entry.element ? entry.element.tagName + " " + entry.element.className : "";
  }
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__paint.cls += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
_WHEN_STILL = """
() => new Promise((told) => {
  const frame = () => requestAnimationFrame(() => requestAnimationFrame(() => told(window.__paint)));
  requestIdleCallback(frame);
})
"""


@dataclass(frozen=True)
class Paint:
    """Milliseconds until the largest part stood, how far things moved (0 = nothing), and what was largest."""

    lcp_ms: int
    cls: float
    largest: str = ""


def paint(open_browser: Callable[[], BrowserContext], address: str, *, views: int = VIEWS) -> Paint:
    """Open a page some times, each in a browser with an empty cache: the middle LCP and the worst shift."""
    seen = [_first_view(open_browser(), address) for _ in range(views)]
    middle = median(one.lcp_ms for one in seen)
    return Paint(int(middle), max(one.cls for one in seen), seen[-1].largest)


def _first_view(context: BrowserContext, address: str) -> Paint:
    page = context.new_page()
    page.add_init_script(_WATCH)
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    told = page.evaluate(_WHEN_STILL)
    context.close()
    if not told["lcp"]:
        raise SystemExit(f"{address} painted nothing")
    return Paint(round(told["lcp"]), round(told["cls"], 4), str(told["what"]))
