// The shared tablet: number and PIN go without leaving the page, so that a lost net never leaves an error page standing.
// Without a net they wait in this page's memory alone, with the time, and are never stored.
import { newNonce } from "./kept.js";

const AGAIN_MS = 4_000;
const IDLE_MS = 60_000;

export function start(form) {
  const page = form.closest("[data-tablet]");
  const [kept, wrong, lost] = ["kept", "wrong", "lost"].map((name) => page.querySelector(`[data-${name}]`));
  const waiting = [];
  let isSending = false;
  let idle = 0;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    form.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form));
    const answer = await post(body);
    isSending = false;
    form.removeAttribute("aria-busy");
    if (answer.next) return location.replace(answer.next);
    if (answer.isLater) {
      waiting.push({ body, since: Date.now() });
    }
    say(answer.isLater ? kept : wrong, answer.error);
    makeReady();
  });

  /** The next person can begin at once, and nothing of the one before stands in the fields. */
  function makeReady() {
    form.reset();
    form.elements.nonce.value = newNonce();
    form.elements.number.focus();
  }

  function say(which, words) {
    for (const one of [kept, wrong, lost]) one.hidden = one !== which;
    if (words) which.textContent = words;
  }

  async function post(body) {
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
      if (answer.ok || answer.status === 422 || answer.status === 429) return await answer.json();
      if (answer.status < 500) location.reload(); // taken out of use, or a visit that is over
    } catch {
      // No answer is no refusal.
    }
    return { isLater: true };
  }

  async function sendWaiting() {
    while (waiting.length) {
      const [{ body, since }] = waiting;
      body.set("waited_seconds", Math.round((Date.now() - since) / 1000));
      const answer = await post(body);
      if (answer.isLater) break;
      waiting.shift();
      if (answer.error) say(lost);
      else if (!waiting.length) kept.hidden = true;
    }
    setTimeout(sendWaiting, AGAIN_MS);
  }

  form.addEventListener("input", () => {
    clearTimeout(idle);
    idle = setTimeout(() => form.reset(), IDLE_MS);
  });
  window.addEventListener("beforeunload", (event) => {
    if (waiting.length) event.preventDefault();
  });
  makeReady();
  sendWaiting();
}
