// The screen at the door: a new code each half-minute. A code that may be old is taken away, never left standing.
const RETRY_MS = 3_000;
const PATIENCE_MS = 5_000;

export function start(screen) {
  const part = (selector) => screen.querySelector(selector);
  const [code, lost, signedOut] = [part("[data-code]"), part("[data-lost]"), part("[data-signed-out]")];
  const bar = part("progress");
  let asking = false;
  let nextAskAt = 0;
  let since = stamp();
  let shownForMs = 0;

  // Two clocks, because one of them stands still while a computer sleeps and the other can be set.
  function stamp() {
    return { steady: performance.now(), wall: Date.now() };
  }
  function elapsedMs() {
    const now = stamp();
    return Math.max(now.steady - since.steady, now.wall - since.wall);
  }

  function began(shownUntil, serverNow) {
    since = stamp();
    shownForMs = Date.parse(shownUntil) - Date.parse(serverNow);
    nextAskAt = performance.now() + shownForMs + 100;
  }

  function show({ qr, digits, clock, shown_until: shownUntil, server_now: serverNow }) {
    began(shownUntil, serverNow);
    part(".screen-qr img").src = qr;
    part(".screen-digits").textContent = `${digits.slice(0, 3)} ${digits.slice(3)}`;
    part("[data-clock]").textContent = clock;
    only(code);
  }

  function only(shown) {
    for (const each of [code, lost, signedOut]) each.hidden = each !== shown;
  }

  function takeAway(why) {
    part(".screen-qr img").removeAttribute("src");
    part(".screen-digits").textContent = "";
    only(why);
  }

  async function ask() {
    if (asking) return;
    asking = true;
    nextAskAt = performance.now() + RETRY_MS;
    try {
      const answer = await fetch(screen.dataset.url, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.ok) show(await answer.json());
      else if (answer.status === 401 || answer.status === 403) takeAway(signedOut);
    } catch {
      // No contact: the tick below takes the code away when it is too old, and we ask again.
    } finally {
      asking = false;
    }
  }

  function tick() {
    const leftMs = shownForMs - elapsedMs();
    bar.value = Math.max(0, leftMs / 1000);
    if (leftMs < -PATIENCE_MS && !code.hidden) takeAway(lost);
    if (performance.now() >= nextAskAt) ask();
  }

  began(screen.dataset.shownUntil, screen.dataset.serverNow);
  setInterval(tick, 500);
  tick();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ask();
  });
  navigator.wakeLock?.request("screen").catch(() => {});
}
