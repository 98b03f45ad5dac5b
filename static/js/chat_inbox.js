// A list that follows the conversations: when one changes, the list is fetched from its own page and put in place.
import { live } from "./live.js";

const GATHER_MS = 400;
const EVERY_MS = 30_000;

export function start(list) {
  let soon = 0;

  async function renew() {
    soon = 0;
    if (document.visibilityState !== "visible") return;
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(list.id);
    if (!fresh || fresh.innerHTML === list.innerHTML) return;
    const held = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    list.replaceChildren(...fresh.childNodes);
    if (held) list.querySelector(`[href="${CSS.escape(held)}"]`)?.focus();
    document.dispatchEvent(new Event("heads:stale"));
  }

  const renewSoon = () => {
    soon ||= setTimeout(renew, GATHER_MS);
  };
  live().on("chat:changed", renewSoon);
  live().on("up", renewSoon);
  setInterval(renew, EVERY_MS);
  document.addEventListener("visibilitychange", renew);
}
