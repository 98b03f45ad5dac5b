// Says in good time that the sign-in is about to end. What somebody is writing is never taken from her, and a page
// that nobody has used is not left open for the next who comes by.
const WARN_S = 180;
const TRY_AGAIN_S = 30;
const NOTE_EVERY_MS = 60_000;
/** While there is more left than this, typing needs not be told: a phone with a long sign-in saves its data. */
const WORTH_NOTING_S = 3600;

export function start(dialog) {
  const title = dialog.querySelector("[data-title]");
  const parts = [...dialog.querySelectorAll("[data-when]")];
  const stayForm = dialog.querySelector('[data-when="soon"]');
  let endsAt = Date.now() + dialog.dataset.secondsLeft * 1000;
  let isLast = "isLast" in dialog.dataset;
  let notedAt = Date.now();
  let shown = "";
  let timer = 0;

  const left = () => (endsAt - Date.now()) / 1000;

  function lookIn(seconds) {
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(1, seconds) * 1000);
  }

  /** Asks before it says anything: another tab may have been used. */
  async function look() {
    if (shown === "over") return;
    if (left() > WARN_S) return lookIn(left() - WARN_S);
    const said = await ask(dialog.dataset.time, { headers: { "X-Asked-By": "page" } });
    if (said === "over") return isOver();
    if (said === null) return lookIn(TRY_AGAIN_S);
    heed(said);
    if (left() > WARN_S) return lookIn(left() - WARN_S);
    show(isLast ? "last" : "soon");
    lookIn(left() + 1);
  }

  function heed(said) {
    endsAt = Date.now() + said.seconds_left * 1000;
    isLast = said.is_last_stretch;
    if (left() > WARN_S) hide();
  }

  /** Each thing is said once. The heading takes the focus, so that no key pressed while writing answers it. */
  function show(what) {
    if (shown === what) return;
    shown = what;
    for (const part of parts) part.hidden = part.dataset.when !== what;
    if (what === "over") title.textContent = title.dataset.over;
    if (!dialog.open) dialog.showModal();
    title.focus();
  }

  function hide() {
    shown = "";
    dialog.close();
  }

  function isOver() {
    clearTimeout(timer);
    // The conversation has words of its own for this, and keeps what waits to be sent.
    if (document.querySelector('[data-module~="chat"]')) return hide();
    if (isWriting()) return show("over");
    const back = location.pathname + location.search;
    location.replace(`${dialog.dataset.signIn}?next=${encodeURIComponent(back)}`);
  }

  async function stay() {
    notedAt = Date.now();
    const said = await ask(stayForm.action, { method: "POST", body: new FormData(stayForm) });
    if (said === "over") return isOver();
    if (said === null) return lookIn(1);
    heed(said);
    lookIn(left() - WARN_S);
  }

  stayForm.addEventListener("submit", (event) => {
    event.preventDefault();
    stay();
  });
  document.addEventListener("input", () => {
    if (Date.now() - notedAt > NOTE_EVERY_MS && left() < WORTH_NOTING_S && shown !== "over") stay();
  });
  // A phone that was in a pocket has had no timers: it looks as soon as somebody looks at it.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  look();
}

/** What the server says; "over" when nobody is signed in any more; null when no sensible answer came. */
async function ask(address, how) {
  const headers = { Accept: "application/json", ...how.headers };
  const answer = await fetch(address, { cache: "no-store", ...how, headers }).catch(() => null);
  if (answer?.status === 401) return "over";
  return answer?.ok ? answer.json().catch(() => null) : null;
}

/** Whether something on the page was typed or chosen and is not sent. */
function isWriting() {
  const fields = document.querySelectorAll("main textarea, main input:not([type=hidden])");
  return [...fields].some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}
