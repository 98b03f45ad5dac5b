// Signing out takes what is hers off this phone, so what is not sent yet would be gone: it is said before.
import { Outbox } from "./chat_outbox.js";

/** form: the one that signs out, held back; shell: the element that says whose page this is, and the words. */
export async function start(form, submitter, shell) {
  const outbox = new Outbox(shell.dataset.who);
  const hasUnsent = (await outbox.waiting()).length > 0; // the last may have arrived this very moment
  if (hasUnsent && !window.confirm(shell.dataset.unsent)) return;
  await outbox.forget();
  form.requestSubmit(submitter);
}
