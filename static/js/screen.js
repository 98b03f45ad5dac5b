// The screen at the door: a new code each half-minute. A code that may be old is taken away, never left standing.
// It asks every few seconds, so that a screen taken out of use and a code made with an old key end within seconds.
const ASK_EVERY_MS = 4_000;
const PATIENCE_MS = 3_000;

export function start(screen) {
  const part = (selector) => screen.querySelector(selector);
  const [code, lost, words] = [part("[data-code]"), part("[data-lost]"), part("[data-left-words]")];
  let { shown } = screen.dataset;
  let asking = false;
  let nextAskAt = 0;
  let since = stamp();
  let shownForMs = 0;

  // Two clocks of this computer, because one of them stands still while it sleeps and the other can be set.
  // Neither is asked what time it is: they only tell how long it is since the server said it.
  function stamp() {
    return { steady: performance.now(), wall: Date.now() };
  }
  function leftMs() {
    const now = stamp();
    return shownForMs - Math.max(now.steady - since.steady, now.wall - since.wall);
  }

  function began(asked, ms) {
    since = asked;
    shownForMs = Number(ms);
    nextAskAt = performance.now() + Math.min(ASK_EVERY_MS, Math.max(100, shownForMs + 100));
  }

  function show(asked, { version, qr, digits, clock, left_ms: left, open }) {
    if (String(open) !== screen.dataset.open) return location.reload(); // closed today after all, or open
    began(asked, left);
    part("[data-clock]").textContent = clock;
    if (!qr) return;
    shown = version;
    part(".screen-qr img").src = qr;
    part(".screen-digits").textContent = `${digits.slice(0, 3)} ${digits.slice(3)}`;
    only(code);
  }

  function only(seen) {
    for (const each of [code, lost]) each.hidden = each !== seen;
  }

  function takeAway() {
    shown = "";
    part(".screen-qr img").removeAttribute("src");
    part(".screen-digits").textContent = "";
    only(lost);
  }

  async function ask() {
    if (asking) return;
    asking = true;
    nextAskAt = performance.now() + ASK_EVERY_MS;
    const asked = stamp(); // what is on its way for long is so much older when it comes
    try {
      const answer = await fetch(`${screen.dataset.url}?shown=${shown}`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.ok) show(asked, await answer.json());
      else if (answer.status === 410) {
        takeAway();
        location.reload(); // the page says that the screen was taken out of use
      }
    } catch {
      // No contact: the tick below takes the code away when it is too old, and we ask again.
    } finally {
      asking = false;
    }
  }

  function tick() {
    const left = leftMs();
    const seconds = Math.max(0, Math.ceil(left / 1000));
    part("progress").value = seconds;
    words.textContent = `${words.dataset.leftWords} ${seconds}`;
    if (left < -PATIENCE_MS && !code.hidden) takeAway();
    if (performance.now() >= nextAskAt) ask();
  }

  began(since, screen.dataset.leftMs);
  setInterval(tick, 500);
  tick();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ask();
  });
  navigator.wakeLock?.request("screen").catch(() => {});
}
