// Says in good time that the sign-in is about to end, and notices when it has ended elsewhere: in another tab, by
// somebody else's sign-in, with a role. What somebody is writing is never taken from her, and a page of hers is not
// left open for the next who comes by.
const WARN_S = 180;
const TRY_AGAIN_S = 30;
const NOTE_EVERY_MS = 60_000;
/** While there is more left than this, typing needs not be told: a phone with a long sign-in saves its data. */
const WORTH_NOTING_S = 3600;
/** Pages with a number beside «Chat» ask often enough by that. */
const LOOK_EVERY_MS = 60_000;
/** A form that was sent has led somewhere by now, or the page is still here: a lost net, a stop, an empty answer. */
const STILL_HERE_S = 30;

export function start(shell) {
  let endsAt = Date.now() + shell.dataset.secondsLeft * 1000;
  let isLast = "isLast" in shell.dataset;
  let dialog = null;
  let notedAt = Date.now();
  let shown = "";
  let isLeaving = false;
  let timer = 0;
  const { who } = shell.dataset;
  const page = document.documentElement;
  const pageTitle = document.title;

  const left = () => (endsAt - Date.now()) / 1000;

  function lookIn(seconds, isDue = false) {
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(1, seconds) * 1000, isDue);
  }

  /** Asks before it says anything: another tab may have been used. `isDue`: ask, however much time is left. */
  async function look(isDue = false) {
    if (isLeaving) return;
    if (!isDue && left() > WARN_S) return lookIn(left() - WARN_S);
    const said = await ask(shell.dataset.time, { headers: { "X-Asked-By": "page" } });
    if (said === "over") return isOver();
    if (said === null) return withoutNet();
    if (said.who !== who) return isOver("/");
    heed(said);
    if (left() > WARN_S) return lookIn(left() - WARN_S);
    show(isLast ? "last" : "soon");
    lookIn(left() + 1);
  }

  /** A page from the history stays covered while nobody can say whose it is; opened anew, it is at least said why. */
  function withoutNet() {
    if ("unsure" in page.dataset && !shown && !isWriting()) location.reload();
    else lookIn(TRY_AGAIN_S, true);
  }

  function heed(said) {
    delete page.dataset.unsure; // it is hers: the server has just said so
    endsAt = Date.now() + said.seconds_left * 1000;
    isLast = said.is_last_stretch;
    if (left() > WARN_S) hide();
  }

  /** Each thing is said once; «over» covers the page until she has signed in again, also while its words are on the way. */
  async function show(what) {
    if (shown === what) return;
    shown = what;
    if (what === "over") page.dataset.unsure = "";
    const said = await ask(shell.dataset.words, {});
    if (shown !== what) return; // she is back, or there is something else to say
    if (!said?.dialog) {
      shown = "";
      return lookIn(TRY_AGAIN_S, true);
    }
    takeAway();
    delete page.dataset.unsure; // the dialog covers the page when it must
    document.title = what === "over" ? pageTitle.split(" – ").at(-1) : pageTitle;
    put(said.dialog, what);
  }

  /** The heading takes the focus, so that no key pressed while writing answers it. */
  function put(words, what) {
    shell.insertAdjacentHTML("afterend", words);
    dialog = shell.nextElementSibling;
    dialog.dataset.shown = what;
    for (const part of dialog.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== what;
    dialog.querySelector("[data-door]").href = shell.dataset.signIn;
    const title = dialog.querySelector("[data-title]");
    if (what === "over") title.textContent = title.dataset.over;
    dialog.addEventListener("submit", (event) => {
      if (event.target.method !== "post" || event.submitter?.hasAttribute("formaction")) return; // put away, or she signs out
      event.preventDefault();
      stay();
    });
    dialog.addEventListener("cancel", (event) => shown === "over" && event.preventDefault());
    dialog.addEventListener("close", ({ target }) => shown === "over" && target === dialog && dialog.showModal());
    dialog.showModal();
    title.focus();
  }

  function hide() {
    shown = "";
    document.title = pageTitle;
    takeAway();
  }

  function takeAway() {
    dialog?.close(); // what had the focus before gets it back
    dialog?.remove();
    dialog = null;
  }

  function isOver(next) {
    clearTimeout(timer);
    if (isLeaving) return;
    // The conversation has words of its own for this, and keeps what waits to be sent. Put away, it shows the page.
    if (document.querySelector('[data-module~="chat"]')) {
      hide();
      return document.dispatchEvent(new Event("session:over"));
    }
    if (isWriting()) return show("over");
    isLeaving = true;
    const back = location.pathname + location.search;
    location.replace(next ?? `${shell.dataset.signIn}?next=${encodeURIComponent(back)}`);
  }

  function stillHere() {
    isLeaving = false;
    look(true);
  }

  async function stay() {
    notedAt = Date.now();
    const { name, value } = document.querySelector('[name="csrf_token"]');
    const said = await ask(shell.dataset.stay, { method: "POST", body: new URLSearchParams([[name, value]]) });
    if (said === "over") return isOver();
    if (said === null) return lookIn(1);
    heed(said);
    lookIn(left() - WARN_S);
  }

  document.addEventListener("input", () => {
    if (Date.now() - notedAt > NOTE_EVERY_MS && left() < WORTH_NOTING_S && shown !== "over") stay();
  });

  // Where a form that was sent leads is not for us to say: signing out has a page of its own.
  window.addEventListener("submit", ({ target, defaultPrevented }) => {
    if (defaultPrevented || target.method !== "post") return;
    isLeaving = true;
    clearTimeout(timer);
    timer = setTimeout(stillHere, STILL_HERE_S * 1000);
  });
  const isSeen = () => document.visibilityState === "visible";
  // A phone that was in a pocket has had no timers: it looks as soon as somebody looks at it.
  document.addEventListener("visibilitychange", () => isSeen() && look(true));
  window.addEventListener("focus", () => look(true));
  window.addEventListener("online", () => look(true));
  document.addEventListener("session:stale", () => look(true));
  if (!document.querySelector("[data-unread]")) setInterval(() => isSeen() && look(true), LOOK_EVERY_MS);
  // Every page that opens tells the others whose it is. Back in history, nothing is shown before the server was asked.
  new BroadcastChannel("pages").onmessage = ({ data }) => (data !== who || shown === "over") && look(true);
  window.addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    page.dataset.unsure = "";
    stillHere();
  });
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
