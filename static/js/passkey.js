// Passkeys: making one (data-start) and using one as the second step (data-options). Hidden until this browser can.
import { ask } from "./chat_ask.js";

const can = () =>
  Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.PublicKeyCredential.prototype.toJSON);

export function start(part) {
  if (!can()) return;
  const form = part.querySelector("form");
  const fault = form.querySelector("[data-fault]");
  const act = part.dataset.start ? () => make(part, form) : () => use(part, form);
  let isAsking = false;

  part.hidden = false;
  for (const line of document.querySelectorAll("[data-passkey-no]")) line.hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    form.setAttribute("aria-busy", "true");
    fault.hidden = true;
    const said = await act().catch(() => fault.dataset.text);
    if (said) {
      fault.textContent = said;
      fault.hidden = false;
    }
    isAsking = false;
    form.removeAttribute("aria-busy");
  });
}

/** Lets the device make a key and sends it; gives back what went wrong, if the server says so. */
async function make(part, form) {
  const token = form.elements.csrf_token.value;
  const begun = await ask(part.dataset.start, { body: {}, token });
  if (begun.status !== 200) return begun.data.text ?? Promise.reject(begun);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.data);
  const made = await navigator.credentials.create({ publicKey });
  const kept = await ask(form.action, { body: { name: form.elements.name.value, credential: made.toJSON() }, token });
  if (kept.status !== 201) return kept.data.text ?? Promise.reject(kept);
  location.assign(kept.data.next);
}

/** Lets the device answer the page's question, and sends the form with the answer in it. */
async function use(part, form) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(part.dataset.options));
  const answer = await navigator.credentials.get({ publicKey });
  form.elements.passkey.value = JSON.stringify(answer.toJSON());
  form.submit();
}
