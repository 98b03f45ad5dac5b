// On every page but the conversation, which does it itself: what waits in the outbox is sent when there is a net.
import { ask } from "./chat_ask.js";
import { Outbox, alone } from "./chat_outbox.js";
import { SendQueue, outcomeOf } from "./chat_queue.js";

/** shell: the element that says whose page this is. Sends what is hers; a refused message waits for her in the chat. */
export async function start(shell) {
  const outbox = new Outbox(shell.dataset.who);
  const token = document.querySelector("[name=csrf_token]")?.value;
  const waiting = await outbox.waiting();
  for (const to of new Set(waiting.map((item) => item.to))) {
    const queue = new SendQueue({
      post: (item) => alone(to, () => send(item)),
      told: (kind, item) => kind === "stored" && outbox.drop(item.clientId),
    });
    for (const item of waiting.filter((one) => one.to === to)) queue.add(item);
    for (const event of ["online", "focus"]) window.addEventListener(event, () => queue.wake());
  }

  async function send({ clientId, text, to }) {
    if (!(await outbox.has(clientId))) return { kind: "gone" };
    const answer = await ask(to, { body: { client_id: clientId, text }, token });
    return outcomeOf(answer.status, answer.data, answer.retryAfter);
  }
}
