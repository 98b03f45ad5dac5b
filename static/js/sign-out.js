// Signing out takes what is hers off this phone, so what is not sent yet would be gone: it is said before.
import { Outbox } from "./chat_outbox.js";

/** form: the one that signs out, held back; shell: the element that says whose page this is, and the words. */
export async function start(form, submitter, shell) {
  if (!window.confirm(shell.dataset.unsent)) return;
  await new Outbox(shell.dataset.who).forget();
  form.requestSubmit(submitter);
}
