// Writing in the open conversation: a message is kept on the phone before it is shown, and sent until it has arrived.
import { ask } from "./chat_ask.js";
import { draftOf } from "./chat_draft.js";
import { isNotHers, samePage } from "./chat_left.js";
import { Outbox, alone } from "./chat_outbox.js";
import { SendQueue, newClientId, outcomeOf } from "./chat_queue.js";

export class Writing {
  /** chat: the open conversation {section, bubbles, hear, look, leave, isLeft}. */
  constructor(chat) {
    this.chat = chat;
    const { section } = chat;
    this.composer = section.querySelector("[data-composer]");
    this.field = this.composer.elements.text;
    this.to = new URL(this.composer.action).pathname;
    this.outbox = new Outbox(section.dataset.me, { keeps: section.dataset.keeps !== undefined });
    this.queue = new SendQueue({ post: (item) => alone(this.to, () => this.post(item)), told: (...what) => this.settled(...what) });
    this.draft = section.dataset.keeps === undefined ? null : draftOf(section.dataset.me, this.to);
    if (!this.field.value) this.field.value = this.draft?.text ?? "";
    this.bindWriting();
    this.keeping = Promise.resolve();
  }

  bindWriting() {
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.write();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.composer.requestSubmit();
    });
    this.field.addEventListener("input", () => this.count());
    this.count();
    window.addEventListener("beforeunload", (event) => {
      const wouldBeLost = this.queue.items.some((item) => !item.isKept);
      if (wouldBeLost || (!this.draft && this.field.value.trim())) event.preventDefault();
    });
  }

  /** The bubble comes when the message is safely stored on the phone, each after the one before it. */
  write() {
    const text = this.field.value;
    this.complain("");
    this.field.focus();
    if (!text.trim()) return;
    const item = { clientId: newClientId(), text, to: this.to };
    this.field.value = "";
    this.count();
    this.keeping = this.keeping.then(async () => {
      item.isKept = await this.outbox.keep(item);
      this.line(item);
    });
  }

  line(item) {
    this.chat.bubbles.showUnsent(item, this.stuck || "sending");
    this.queue.add(item);
  }

  /** What was written here before the tab was closed, or the net went away, goes on from where it stopped. */
  takeUp() {
    this.keeping = this.keeping.then(() => this.lineUp());
  }

  async lineUp() {
    const known = new Set(this.chat.bubbles.drawn().map((row) => row.client_id));
    for (const item of await this.outbox.waiting(this.to)) {
      if (known.has(item.clientId)) await this.outbox.drop(item.clientId);
      else this.line({ ...item, isKept: true });
    }
  }

  async post(item, mayRefresh = true) {
    if (item.isKept && !(await this.outbox.has(item.clientId))) return { kind: "gone" };
    const answer = await ask(this.composer.action, {
      body: { client_id: item.clientId, text: item.text },
      token: this.composer.elements.csrf_token.value,
    });
    const outcome = isNotHers(answer) ? { kind: "signed-out" } : outcomeOf(answer.status, answer.data, answer.retryAfter);
    if (outcome.kind !== "old-token") return outcome;
    const signedIn = mayRefresh && (await this.refreshToken());
    return signedIn ? this.post(item, false) : { kind: signedIn === null ? "later" : "signed-out" };
  }

  /** After a new sign-in the form needs a new token. True: got one; false: not signed in as this person; null: no net. */
  async refreshToken() {
    const there = await samePage(this.chat.section.dataset);
    if (!there) return there === null ? null : false;
    this.composer.elements.csrf_token.value = there.querySelector("[data-composer] [name=csrf_token]").value;
    return true;
  }

  settled(kind, item, outcome) {
    if (kind === "signed-out") this.chat.leave();
    if (kind === "gone") {
      this.chat.bubbles.takeBack(item.clientId);
      this.chat.look();
    }
    if (kind === "stored" || kind === "refused") this.outbox.drop(item.clientId);
    if (kind === "stored") {
      if (this.chat.isLeft) this.chat.look();
      this.chat.bubbles.say(item.clientId, "sent");
      this.chat.hear({ upto: outcome.change.rev, changes: [outcome.change] });
    }
    this.stuck = { later: "waiting", "signed-out": "held" }[kind];
    if (this.stuck) for (const { clientId } of this.queue.items) this.chat.bubbles.say(clientId, this.stuck);
    if (kind === "refused") {
      this.chat.bubbles.takeBack(item.clientId);
      this.field.value = [item.text, this.field.value].filter(Boolean).join("\n");
      this.count();
      this.complain(outcome.reason);
      this.field.focus();
    }
  }

  complain(reason) {
    const place = this.composer.querySelector("[data-error]");
    place.textContent = reason;
    place.hidden = !reason;
    if (reason) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }

  count() {
    const counter = this.composer.querySelector("[data-counter]");
    const left = Number(counter.dataset.limit) - [...this.field.value].length;
    if (this.draft) this.draft.text = this.field.value;
    counter.hidden = left > 200;
    counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("{n}", Math.abs(left));
  }
}
