// «Jeg er her»: one button. Without a net the tap is kept on the phone with the code's time, and sent until it is there.
import { keep, newNonce, send } from "./kept.js";

const SLOWEST_MS = 8_000;

export function start(form) {
  const words = form.querySelector("[data-waiting]");
  const shell = document.querySelector("[data-who]");
  let isSending = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    form.setAttribute("aria-busy", "true");
    const answer = await post(form);
    // Where the answer leads is opened as a page; a page that says no is the answer to the form itself.
    if (answer === "led-on") return location.replace(form.dataset.next);
    if (answer === "answered") return form.submit();
    const item = { claim: form.dataset.claim, at: new Date().toISOString(), nonce: newNonce(), who: shell.dataset.who };
    if (shell.dataset.worker) keep(item); // on a borrowed phone nothing is kept beyond this page
    words.textContent = words.dataset.waiting;
    document.querySelector("[data-sees]").hidden = true; // nobody sees it before it is there
    for (let waitMs = 1_000; ; waitMs = Math.min(SLOWEST_MS, waitMs * 2)) {
      await pause(waitMs);
      const { state, text } = await send(item);
      if (state === "later") continue;
      if (state === "refused") {
        words.textContent = text;
        isSending = false;
        return form.removeAttribute("aria-busy");
      }
      if (state === "received") words.textContent = words.dataset.received;
      return location.replace(form.dataset.next);
    }
  });
  window.addEventListener("pageshow", () => {
    isSending = false;
    form.removeAttribute("aria-busy");
  });
}

async function post(form) {
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(15_000) });
    if (answer.type === "opaqueredirect") return "led-on";
    return answer.status < 500 && answer.status !== 429 ? "answered" : "later";
  } catch {
    return "later";
  }
}

/** Waits, but no longer than until the net is back. */
function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    window.addEventListener("online", resolve, { once: true });
  });
}
