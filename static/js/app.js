// Finds every [data-module] and starts that behaviour on it. Pages work without any of this.
import { later } from "behaviours";
import { start as focusFirst } from "./focus-first.js";
import { start as heads } from "./heads.js";
import { note } from "./known.js";
import { start as menu } from "./menu.js";
import { start as sessionEnd } from "./session-end.js";
import { start as submitOnce } from "./submit-once.js";

const LEAVING = "leaving";
const shell = { "focus-first": focusFirst, heads, menu, "session-end": sessionEnd, "submit-once": submitOnce };

export async function startIn(root) {
  const elements = [...root.querySelectorAll("[data-module]")];
  await Promise.allSettled(
    elements.flatMap((element) =>
      element.dataset.module.split(/\s+/).map(async (name) => {
        const start = shell[name] ?? (await later[name]?.())?.start;
        start?.(element, later);
      }),
    ),
  );
}

/** Whether something is kept by this name; a browser that keeps nothing may throw at the question. */
function isKept(name) {
  try {
    return localStorage.getItem(name) !== null;
  } catch {
    return false;
  }
}

/** Takes what is hers off the phone, when she signs out: what stood unsent in a field, and who she was. */
function forget() {
  note(null);
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(`draft ${hers.dataset.who} `)) localStorage.removeItem(name);
    localStorage.setItem(LEAVING, hers.dataset.who);
  } catch {
    // Where nothing can be kept, nothing was.
  }
}

/** She has signed out where no net was: done now, before anything else. */
function leaveAtLast() {
  const wants = isKept(LEAVING) && localStorage.getItem(LEAVING) === hers?.dataset.who;
  if (isKept(LEAVING)) localStorage.removeItem(LEAVING);
  if (wants) document.querySelector(`form[action="${hers.dataset.signOut}"]`)?.submit();
}

/** Only on a phone of her own: notes that she is signed in here, and lets the phone keep a page for when it has no net. */
function keepShell() {
  const { worker, who, secondsLeft } = hers?.dataset ?? {};
  const to = document.querySelector("[data-composer]")?.getAttribute("action");
  note(worker ? { who, until: Date.now() + secondsLeft * 1000, ...(to && { to }) } : null);
  if (worker) addEventListener("load", () => navigator.serviceWorker?.register(worker).catch(() => {}));
}

const hers = document.querySelector("[data-who]");
leaveAtLast();
keepShell();
startIn(document);
// Something was written that the server has not got yet: sent from whatever page she opens next.
const hasUnsent = () => hers && isKept(`outbox ${hers.dataset.who}`);
if (isKept("kept arrivals")) later.kept().then(({ start }) => start(hers));
if (hasUnsent() && !document.querySelector("[data-composer]")) later.outbox().then(({ start }) => start(hers));
const asksToSignOut = (event) => {
  const to = event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action");
  if (!hers || to !== hers.dataset.signOut) return;
  if (!hasUnsent()) return forget();
  event.preventDefault();
  event.stopPropagation();
  // Where it cannot be fetched (no net, and no worker that keeps it) she is asked by its own words all the same.
  const plainly = () => window.confirm(hers.dataset.unsent) && event.target.submit();
  later["sign-out"]().then(({ start }) => start(event.target, event.submitter, hers), plainly);
};
document.addEventListener("submit", asksToSignOut, true);
/** A link that opens in a box on this page: its script comes when she begins to write, for a net that is gone. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  later[link.dataset.opens]().then(({ start }) => start(link)).catch(() => location.assign(link.href));
});
document.addEventListener("focusin", (event) => {
  const link = event.target.closest("form")?.querySelector("[data-opens]");
  if (link) later[link.dataset.opens]().then(({ ready }) => ready(link)).catch(() => {});
});
new BroadcastChannel("pages").postMessage(hers?.dataset.who ?? "");
