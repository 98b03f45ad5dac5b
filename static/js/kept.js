// What a phone keeps of coming in while it has no net: a scanned code or a tap, each with its time and a nonce that
// makes it one act however often it is sent. It names nobody but by her public id, and goes when the server has it.
const NAME = "kept arrivals";
const WAIT_MS = 15_000;

/** Everything that waits, oldest first. */
export function kept() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? [];
  } catch {
    return [];
  }
}

/** Keeps one; false where nothing can be kept. */
export function keep(item) {
  return store([...kept().filter((one) => one.nonce !== item.nonce), item]);
}

export function drop({ nonce }) {
  store(kept().filter((one) => one.nonce !== nonce));
}

function store(items) {
  try {
    if (items.length) localStorage.setItem(NAME, JSON.stringify(items));
    else localStorage.removeItem(NAME);
    return true;
  } catch {
    return false;
  }
}

/** A name for one act; `crypto.randomUUID` is not there on a plain http address. */
export function newNonce() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Any page of ours has the token of this visit. */
export async function tokenNow() {
  const page = await fetch("/logg-inn", { cache: "no-store", headers: { "X-Asked-By": "page" } }).then((one) => one.text());
  return new DOMParser().parseFromString(page, "text/html").querySelector("[name=csrf_token]")?.value;
}

/**
 * Sends one. Gives {state, next, text}: "received"; "taken_back" by staff; "refused"; "not_yours"; "later"; and with
 * nobody to register yet "ask" or "sign_in" (the visit carries it on) or "wait" (it stays here until she signs in).
 */
export async function send(item) {
  try {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": await tokenNow() };
    const wait = { signal: AbortSignal.timeout(WAIT_MS) };
    const answer = await fetch("/lagret-innsjekk", { method: "POST", headers, body: JSON.stringify(item), ...wait });
    if (answer.ok) {
      const told = await answer.json();
      const isOver = ["received", "taken_back", "ask"].includes(told.state) || (told.state === "sign_in" && !item.who);
      if (isOver) drop(item);
      return told;
    }
    if (answer.status === 422 || answer.status === 409) {
      const { text } = await answer.json();
      drop(item);
      return { state: "refused", text, next: "/inn" };
    }
  } catch {
    // No answer is no refusal.
  }
  return { state: "later" };
}

/** Says on top of the page what became of one, with the way on; nothing that was kept goes without a word. */
export function tell({ text, next }) {
  if (!text) return;
  const box = document.createElement("p");
  box.className = "ds-alert";
  Object.assign(box.dataset, { color: "info", toldKept: "" });
  box.setAttribute("role", "status");
  const link = Object.assign(document.createElement("a"), { className: "ds-link", href: next, textContent: text });
  document.querySelector("[data-told-kept]")?.remove();
  document.querySelector("main").prepend(box);
  box.append(link);
}

/** On any page of ours: what was kept before goes now. What is somebody's goes only from a page of hers. */
export async function start(shell) {
  for (const item of kept()) if (!item.who || item.who === shell?.dataset.who) tell(await send(item));
}
