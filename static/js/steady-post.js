// A form that is one button: sent again until the server answers, so that a bad net costs nobody her time.
// The same body goes every time, and the server makes one act of it.
const SLOWEST_MS = 8_000;

export function start(form) {
  const words = form.querySelector("[data-waiting]");
  let isSending = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    form.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form));
    for (let waitMs = 1_000; ; waitMs = Math.min(SLOWEST_MS, waitMs * 2)) {
      const answer = await post(form.action, body);
      // Where the answer leads is opened as a page; a page that says no is the answer to the form itself.
      if (answer === "led-on") return location.replace(form.dataset.next);
      if (answer === "answered") return form.submit();
      words.textContent = words.dataset.waiting;
      await pause(waitMs);
    }
  });
  window.addEventListener("pageshow", () => {
    isSending = false;
    form.removeAttribute("aria-busy");
  });
}

async function post(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, redirect: "manual", signal: AbortSignal.timeout(15_000) });
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
