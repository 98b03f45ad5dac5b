// What staff have begun to write is kept on the server while they type, so that any machine goes on from there.
import { ask } from "./chat_ask.js";

const QUIET_MS = 1_000;

export function start(composer) {
  const field = composer.elements.text;
  let saved = field.value;
  let soon = 0;

  async function save() {
    clearTimeout(soon);
    soon = 0;
    const text = field.value;
    if (text === saved) return;
    const before = saved;
    saved = text;
    const answer = await ask(composer.dataset.draft, { body: { text }, token: composer.elements.csrf_token.value });
    if (answer.status === 200) return;
    saved = before;
    if (answer.status === 0 || answer.status >= 500) saveSoon(QUIET_MS * 10);
  }

  function saveSoon(afterMs = QUIET_MS) {
    clearTimeout(soon);
    soon = setTimeout(save, afterMs);
  }

  field.addEventListener("input", () => saveSoon());
  composer.addEventListener("submit", () => saveSoon()); // it was sent: the field is empty now
  document.addEventListener("visibilitychange", save);
  window.addEventListener("beforeunload", (event) => {
    if (field.value === saved || !field.value.trim()) return;
    save();
    event.preventDefault();
  });
}
