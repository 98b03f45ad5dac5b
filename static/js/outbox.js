// On every page but the conversation, which does it itself: what waits in the outbox is sent when there is a net.
import { ask } from "./chat_ask.js";
import { draftOf } from "./chat_draft.js";
import { start as askAboutOld } from "./chat_old.js";
import { Outbox, alone, isOld } from "./chat_outbox.js";
import { SendQueue, bodyOf, outcomeOf } from "./chat_queue.js";
import { sendFiles } from "./chat_uploads.js";

/** shell: the element that says whose page this is. Sends what is hers; a refused message waits for her in the chat. */
export async function start(shell) {
  const { who } = shell.dataset;
  const outbox = new Outbox(who);
  let token = document.querySelector("[name=csrf_token]")?.value;
  const waiting = await outbox.waiting();
  if (waiting.length === 0) return outbox.forget();
  for (const to of new Set(waiting.map((item) => item.to))) {
    const queue = new SendQueue({
      post: (item) => alone(to, () => send(item)),
      told: (kind, item) => kind === "stored" && outbox.drop(item.clientId),
    });
    for (const item of waiting.filter((one) => one.to === to)) queue.add(item);
    for (const event of ["online", "focus"]) window.addEventListener(event, () => queue.wake());
  }

  async function send(item, mayRefresh = true) {
    const wish = isOld(item) && !item.isWanted ? await ofOld(item) : "send";
    if (!(await outbox.has(item.clientId))) return { kind: "gone" };
    if (wish === "stop") return { kind: "signed-out" }; // until she looks at the page again
    if (!wish) return { kind: "later" };
    item.isWanted = true;
    const answer = (await sendFiles(item, { token, outbox })) ?? (await ask(item.to, { body: bodyOf(item), token }));
    const outcome = outcomeOf(answer.status, answer.data, answer.retryAfter);
    if (outcome.kind !== "old-token" || !mayRefresh) return outcome;
    return (await refresh()) ? send(item, false) : { kind: "signed-out" };
  }

  /** Whether she still wants it sent. If not, its text waits in the chat's field; files are asked about there. */
  async function ofOld(item) {
    if (item.files) return "stop";
    const answer = await askAboutOld(item);
    if (answer !== "keep" || !(await outbox.has(item.clientId))) return answer;
    const draft = draftOf(who, item.to);
    const together = [item.text, draft.text].filter(Boolean).join("\n");
    draft.text = together;
    if (draft.text !== together) return "stop";
    await outbox.drop(item.clientId);
    return answer;
  }

  /** A new sign-in, or another tab's, made a new token. False: she is not signed in here any more. */
  async function refresh() {
    const page = await fetch(location.href, { cache: "no-store", headers: { "X-Asked-By": "page" } }).then((one) => one.text()).catch(() => "");
    const there = new DOMParser().parseFromString(page, "text/html");
    token = there.querySelector("[name=csrf_token]")?.value;
    return there.querySelector("[data-who]")?.dataset.who === who;
  }
}
