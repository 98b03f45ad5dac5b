// What is written is kept on the phone before it is shown, and sent until it has arrived. No page in here.
import { ask } from "./chat_ask.js";
import { isNotHers } from "./chat_left.js";
import { alone, isOld } from "./chat_outbox.js";
import { DONE, SendQueue, bodyOf, newClientId, outcomeOf, tell, within } from "./chat_queue.js";

/** A store that has not answered by then does not keep a message back: it goes from this tab. */
const KEPT_WITHIN_MS = 4_000;

export class Sending {
  /**
   * to: where messages are posted. by: {live, conversation}, the door that is tried first. page: {token, refreshToken(), drawn(), line(item, state), sendFiles(item),
   * putBack(item), settled(kind, item, outcome, state)}; where a person can be asked: askAboutOld(item), isStillHer().
   */
  constructor({ to, by, outbox, page }) {
    Object.assign(this, { to, by, outbox, page });
    this.queue = new SendQueue({ post: (item) => alone(to, () => this.post(item)), told: (...what) => this.#settled(...what) });
    this.keeping = Promise.resolve();
    this.unkept = [];
    this.wanted = new Set();
  }

  /**
   * The page is told to show it when it is safely stored on the phone, each after the one before it.
   * Until then it is one of `unkept`. files: its files {clientId, name, blob}.
   * phrase: {phrase, values, tellsCentre} of a standard sentence, whose words `text` only shows.
   */
  write(text, topic, files = [], phrase = {}) {
    const item = { clientId: newClientId(), text, topic, to: this.to, at: Date.now(), ...phrase };
    if (files.length > 0) item.files = files;
    this.unkept.push(item);
    this.#inTurn(async () => {
      item.isKept = await within(KEPT_WITHIN_MS, this.outbox.keep(item), false);
      this.unkept.shift();
      this.#line(item);
    });
    return item;
  }

  /** What was written here before the tab was closed, or the net went away, goes on from where it stopped. */
  takeUp() {
    this.#inTurn(async () => {
      const known = new Set(this.page.drawn().map((row) => row.client_id));
      for (const item of await this.outbox.waiting(this.to)) {
        if (known.has(item.clientId)) await this.outbox.drop(item.clientId);
        else this.#line({ ...item, isKept: true });
      }
    });
  }

  /** All that the server has not got, in the order it was written. */
  get waiting() {
    return [...this.queue.items, ...this.unkept];
  }

  /** What she wrote before it goes before it, also what she wrote in another tab: one person, one order. */
  async post(item) {
    if (!item.isKept) return this.#postOne(item);
    const waiting = await this.outbox.waiting(this.to);
    const place = waiting.findIndex(({ clientId }) => clientId === item.clientId);
    for (const earlier of waiting.slice(0, Math.max(0, place))) {
      const outcome = await this.#postOne(earlier);
      // A refused one stays for the tab it was written in, where its text is put back into the field.
      if (!DONE.has(outcome.kind)) return outcome;
    }
    return place < 0 && !(await this.outbox.has(item.clientId)) ? { kind: "gone" } : this.#postOne(item);
  }

  async #postOne(item, mayRefresh = true) {
    const untimely = isOld(item) && !this.wanted.has(item.clientId) && (await this.#ofOld(item));
    if (untimely) return untimely;
    const stopped = item.files ? await this.page.sendFiles(item) : null; // before it: the message takes them along
    if (stopped?.kind) return stopped;
    const answer = stopped ?? (await this.#handIn(bodyOf(item)));
    const outcome = isNotHers(answer) ? await this.#whyNot(answer) : outcomeOf(answer.status, answer.data, answer.retryAfter);
    if (outcome.kind === "stored") await this.outbox.drop(item.clientId);
    if (outcome.kind !== "old-token") return outcome;
    const signedIn = mayRefresh && (await this.page.refreshToken());
    return signedIn ? this.#postOne(item, false) : { kind: signedIn === null ? "later" : "signed-out" };
  }

  /** By the live connection; whenever that gives no answer, by an ordinary request, which may bring the same once more. */
  async #handIn(body) {
    const { live, conversation } = this.by;
    const answer = await live.ask("chat:send", { ...body, conversation, me: this.outbox.me });
    return answer ?? ask(this.to, { body, token: this.page.token });
  }

  /** A conversation that says no: is she signed out, or is it closed to her? Then that is the reason that she is told. */
  async #whyNot(answer) {
    const isHer = answer.status === 401 ? false : await this.page.isStillHer?.();
    if (isHer === null) return { kind: "later" };
    return isHer ? { ...outcomeOf(answer.status, answer.data), isClosed: true } : { kind: "signed-out" };
  }

  /** What has lain unsent for more than a day goes only when she still wants it; else its text stands in the field again. */
  async #ofOld(item) {
    const answer = this.page.askAboutOld ? await this.page.askAboutOld(item) : "send";
    if (!answer) return { kind: "later" };
    if (item.isKept !== false && !(await this.outbox.has(item.clientId))) return { kind: "gone" }; // another tab was answered first
    this.wanted.add(item.clientId);
    if (answer === "send") return null;
    if (this.page.putBack(item)) await this.outbox.drop(item.clientId);
    return { kind: "gone" };
  }

  #inTurn(step) {
    this.keeping = this.keeping.then(step).catch(tell);
  }

  #line(item) {
    try {
      this.page.line(item, this.stuck || "sending");
    } catch (fault) {
      tell(fault);
    }
    this.queue.add(item);
  }

  #settled(kind, item, outcome) {
    // Let go only once the text stands in the field and in what the phone keeps of that.
    if (kind === "refused" && (this.page.putBack?.(item) ?? true)) this.outbox.drop(item.clientId);
    this.stuck = { later: "waiting", "signed-out": "held" }[kind];
    this.page.settled(kind, item, outcome, this.stuck);
  }
}
