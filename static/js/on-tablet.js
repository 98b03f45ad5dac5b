// The shared tablet: number and PIN go without leaving the page, so that a lost net never leaves an error page standing.
// Without a net they wait in this page's memory alone, with the time, and are never stored.
import { newNonce, tokenNow } from "./kept.js";

const AGAIN_MS = 4_000;
const TOLD_MS = 60_000;
const IDLE_MS = 20_000;

export function start(form) {
  const page = form.closest("[data-tablet]");
  const [kept, wrong, lost, ended] = ["kept", "wrong", "lost", "ended"].map((name) => page.querySelector(`[data-${name}]`));
  const waiting = [];
  let isSending = false;
  let hasEnded = false;
  let idle = 0;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    form.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form));
    const answer = await post(body);
    if (answer.hasEnded) return form.reset();
    isSending = false;
    form.removeAttribute("aria-busy");
    if (answer.next) return location.replace(answer.next);
    if (answer.isLater) {
      waiting.push({ body, since: Date.now() });
    }
    say(answer.isLater ? kept : wrong, answer.text ?? answer.error);
    makeReady();
  });

  /** The next person can begin at once, and nothing of the one before stands in the fields. */
  function makeReady() {
    form.reset();
    form.elements.nonce.value = newNonce();
    form.elements.number.focus();
  }

  function say(which, words) {
    for (const one of [kept, wrong, lost, ended]) one.hidden = one !== which;
    if (words) which.textContent = words;
  }

  async function post(body) {
    try {
      const answer = await ask(body);
      if (answer.ok || answer.status === 422 || answer.status === 429) return await answer.json();
      if (answer.status === 410) return end(body);
    } catch {
      // No answer is no refusal.
    }
    return { isLater: true };
  }

  /** Asks once more with the token of a new visit, when the one this page was drawn in is over. */
  async function ask(body) {
    const sent = () => fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
    const answer = await sent();
    if (answer.status !== 400) return answer;
    const token = await tokenNow();
    if (!token) return answer;
    form.elements.csrf_token.value = token;
    body.set("csrf_token", token);
    return sent();
  }

  /** Taken out of use: it is said how many were not sent, before the page that asks for a code comes. */
  function end(body) {
    if (hasEnded) return { hasEnded };
    isSending = hasEnded = true;
    if (waiting.length) {
      const many = new Set([...waiting.splice(0).map((one) => one.body), body]).size;
      say(ended, ended.dataset.ended.replace("{many}", many));
      setTimeout(() => location.reload(), TOLD_MS);
    } else location.reload();
    return { hasEnded };
  }

  async function sendWaiting() {
    while (waiting.length) {
      const [{ body, since }] = waiting;
      body.set("waited_seconds", Math.round((Date.now() - since) / 1000));
      const answer = await post(body);
      if (answer.hasEnded) return;
      if (answer.isLater) break;
      waiting.shift();
      if (answer.error) say(lost);
      else if (!waiting.length) kept.hidden = true;
    }
    setTimeout(sendWaiting, AGAIN_MS);
  }

  function stir() {
    clearTimeout(idle);
    idle = setTimeout(clear, IDLE_MS);
  }

  /** Nobody stands here: nothing typed is left to see, and the next one meets the tablet's own language. */
  async function clear() {
    form.reset();
    if (page.dataset.languageUrl && !waiting.length && !isSending) {
      const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, language: "" });
      const answer = await fetch(page.dataset.languageUrl, { method: "POST", body, redirect: "manual" }).catch(() => null);
      if (answer) return location.reload();
    }
    stir();
  }

  for (const touch of ["input", "keydown", "pointerdown"]) document.addEventListener(touch, stir);
  stir();
  window.addEventListener("beforeunload", (event) => {
    if (waiting.length) event.preventDefault();
  });
  makeReady();
  sendWaiting();
}
