// A list that follows the conversations: when one changes, the list is fetched from its own page and put in place.
import { live } from "./live.js";

const GATHER_MS = 400;
const EVERY_MS = 30_000;
const TOKEN = 'input[name="csrf_token"]';

/** Each answer has new form tokens, and the old ones still hold: no reason to take away what has the focus. */
function sameButForTokens(one, other) {
  const [plain, otherPlain] = [one, other].map((list) => {
    const copy = list.cloneNode(true);
    for (const token of copy.querySelectorAll(TOKEN)) token.remove();
    return copy.innerHTML;
  });
  return plain === otherPlain;
}

/** Where a link or a button leads: by this the same one is found again. */
const wayOf = (element) => element.getAttribute("href") ?? element.getAttribute("formaction");

export function start(list) {
  let soon = 0;

  async function renew() {
    soon = 0;
    if (document.visibilityState !== "visible") return;
    const answer = await fetch(list.dataset.from ?? location.href, { cache: "no-store", headers: { "X-Asked-By": "page" } }).catch(() => null);
    // Signed out, or another person now: the page itself leads on, and no name stays on the screen.
    if (answer?.redirected || [401, 403, 404].includes(answer?.status)) return location.reload();
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(list.id);
    if (!fresh || sameButForTokens(fresh, list)) return;
    const held = list.contains(document.activeElement) && wayOf(document.activeElement);
    list.replaceChildren(...fresh.childNodes);
    if (held) [...list.querySelectorAll("a, button")].find((one) => wayOf(one) === held)?.focus();
    document.dispatchEvent(new Event("heads:stale"));
  }

  const renewSoon = () => {
    soon ||= setTimeout(renew, GATHER_MS);
  };
  live().on("chat:changed", renewSoon);
  live().on("chat:urgent", renewSoon);
  live().on("up", renewSoon);
  live().on("refused", renewSoon);
  setInterval(renew, EVERY_MS);
  document.addEventListener("visibilitychange", renew);
}
