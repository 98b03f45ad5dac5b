// What is written is kept on the phone before it is shown, and sent until it has arrived. No page in here.
import { ask } from "./chat_ask.js";
import { isNotHers } from "./chat_left.js";
import { alone } from "./chat_outbox.js";
import { SendQueue, newClientId, outcomeOf } from "./chat_queue.js";

export class Sending {
  /** to: where messages are posted. page: {token, refreshToken(), drawn(), line(item, state), settled(kind, item, outcome, state)}. */
  constructor({ to, outbox, page }) {
    Object.assign(this, { to, outbox, page });
    this.queue = new SendQueue({ post: (item) => alone(to, () => this.post(item)), told: (...what) => this.#settled(...what) });
    this.keeping = Promise.resolve();
  }

  /** The page is told to show it when it is safely stored on the phone, each after the one before it. */
  write(text) {
    const item = { clientId: newClientId(), text, to: this.to };
    this.keeping = this.keeping.then(async () => {
      item.isKept = await this.outbox.keep(item);
      this.#line(item);
    });
    return item;
  }

  /** What was written here before the tab was closed, or the net went away, goes on from where it stopped. */
  takeUp() {
    this.keeping = this.keeping.then(async () => {
      const known = new Set(this.page.drawn().map((row) => row.client_id));
      for (const item of await this.outbox.waiting(this.to)) {
        if (known.has(item.clientId)) await this.outbox.drop(item.clientId);
        else this.#line({ ...item, isKept: true });
      }
    });
  }

  async post(item, mayRefresh = true) {
    if (item.isKept && !(await this.outbox.has(item.clientId))) return { kind: "gone" };
    const answer = await ask(this.to, { body: { client_id: item.clientId, text: item.text }, token: this.page.token });
    const outcome = isNotHers(answer) ? { kind: "signed-out" } : outcomeOf(answer.status, answer.data, answer.retryAfter);
    if (outcome.kind !== "old-token") return outcome;
    const signedIn = mayRefresh && (await this.page.refreshToken());
    return signedIn ? this.post(item, false) : { kind: signedIn === null ? "later" : "signed-out" };
  }

  #line(item) {
    this.page.line(item, this.stuck || "sending");
    this.queue.add(item);
  }

  #settled(kind, item, outcome) {
    if (kind === "stored" || kind === "refused") this.outbox.drop(item.clientId);
    this.stuck = { later: "waiting", "signed-out": "held" }[kind];
    this.page.settled(kind, item, outcome, this.stuck);
  }
}
