// The open conversation: shows what comes, sends what is written, tells how far one has come.
// Order at start, and after every lost connection: hear live events and keep them back, fetch, apply, then they.
import { ask } from "./chat_ask.js";
import { Bubbles } from "./chat_bubbles.js";
import { ChatLog } from "./chat_log.js";
import { hideAround, isNotHers, samePage } from "./chat_left.js";
import { SendQueue, newClientId, outcomeOf } from "./chat_queue.js";
import { live } from "./live.js";

const FETCH_AFTER_GAP_MS = 300;
const LOOK_EVERY_MS = 30_000;
const SHOWN_FOR_MS = 1_000;
const ASK_WITHOUT_LIVE_MS = 4_000;

export function start(section) {
  new Chat(section);
}

class Chat {
  constructor(section) {
    this.section = section;
    this.composer = section.querySelector("[data-composer]");
    this.field = this.composer.elements.text;
    this.bubbles = new Bubbles(section);
    this.log = new ChatLog(Number(section.dataset.upto), this.bubbles.drawn());
    this.otherSide = section.dataset.side === "recipient" ? "staff" : "recipient";
    Object.assign(this.other, { read_seq: Number(section.dataset.read), delivered_seq: Number(section.dataset.delivered) });
    this.told = { read: Number(section.dataset.ownRead), delivered: Number(section.dataset.ownDelivered) };
    this.queue = new SendQueue({ post: (item) => this.post(item), told: (...what) => this.settled(...what) });
    section.querySelector("[data-mark-read]")?.remove();
    this.bubbles.mark(this.other);
    this.bubbles.toEnd();
    this.bindWriting();
    this.bindHearing();
  }

  get other() {
    return this.log.marks[this.otherSide];
  }

  // --- Writing ---

  bindWriting() {
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.write();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.composer.requestSubmit();
    });
    this.field.addEventListener("input", () => this.count());
    window.addEventListener("beforeunload", (event) => {
      if (!this.queue.isEmpty || this.field.value.trim()) event.preventDefault();
    });
  }

  write() {
    const text = this.field.value;
    this.complain("");
    if (!text.trim()) return this.field.focus();
    const item = { clientId: newClientId(), text };
    this.field.value = "";
    this.count();
    this.bubbles.showUnsent(item, this.stuck || "sending");
    this.queue.add(item);
    this.field.focus();
  }

  async post(item, mayRefresh = true) {
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
    const there = await samePage(this.section.dataset);
    if (!there) return there === null ? null : false;
    this.composer.elements.csrf_token.value = there.querySelector("[data-composer] [name=csrf_token]").value;
    return true;
  }

  settled(kind, item, outcome) {
    if (kind === "signed-out") this.leave();
    if (kind === "stored") {
      if (this.isLeft) this.look();
      this.bubbles.say(item.clientId, "sent");
      this.hear({ upto: outcome.change.rev, changes: [outcome.change] });
    }
    this.stuck = { later: "waiting", "signed-out": "held" }[kind];
    if (this.stuck) for (const { clientId } of this.queue.items) this.bubbles.say(clientId, this.stuck);
    if (kind === "refused") {
      this.bubbles.takeBack(item.clientId);
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
    counter.hidden = left > 200;
    counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("{n}", Math.abs(left));
  }

  // --- Hearing ---

  bindHearing() {
    const connection = live();
    connection.on("chat:changed", (event) => {
      if (!this.isLeft && event.conversation === this.section.dataset.conversation) this.hear(event);
    });
    connection.on("up", () => this.back());
    connection.on("down", () => this.lost());
    connection.on("refused", () => this.catchUp());
    setInterval(() => this.isLeft || this.look(), LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("focus", () => this.look());
    window.addEventListener("online", () => this.look());
    this.bubbles.thread.addEventListener("scroll", () => this.tellSoon(), { passive: true });
    if (connection.isUp) this.catchUp();
    this.tellSoon();
  }

  back() {
    clearInterval(this.without);
    this.without = 0;
    this.queue.wake();
    this.catchUp();
  }

  /** Without the live connection the page asks instead, so that only a dead net is worth a word to the person. */
  lost() {
    if (!this.isLeft) this.without ||= setInterval(() => this.catchUp(), ASK_WITHOUT_LIVE_MS);
  }

  look() {
    if (document.visibilityState !== "visible") return;
    if (this.isLeft) return this.comeBack();
    this.queue.wake();
    this.catchUp();
  }

  // --- Signed out, or somebody else signed in here: nothing of hers stays but what she has not sent yet ---

  leave() {
    if (this.isLeft) return;
    const hasUnsent = !this.queue.isEmpty || this.field.value.trim() !== "";
    if (this.section.dataset.side === "staff" && !hasUnsent) return location.reload();
    this.isLeft = true;
    live().close();
    clearInterval(this.without);
    this.without = 0;
    this.log = new ChatLog(0);
    this.bubbles.forget();
    for (const { clientId } of this.queue.items) this.bubbles.say(clientId, "held");
    this.showLeft();
  }

  /** She is back on this page: if she has signed in again herself, everything is fetched anew. */
  async comeBack() {
    this.asking ??= this.refreshToken();
    const isHers = await this.asking;
    this.asking = null;
    if (!isHers || !this.isLeft) return;
    this.isLeft = false;
    this.showLeft();
    live().open();
    this.look();
  }

  showLeft() {
    this.section.querySelector("[data-signed-out]").hidden = !this.isLeft;
    this.section.querySelector("[data-offline]").hidden = true;
    this.bringBack = this.isLeft ? hideAround(this.section) : this.bringBack();
  }

  hear(event) {
    const { rows, gap } = this.log.hear(event);
    this.show(rows);
    if (gap) this.catchUpSoon(FETCH_AFTER_GAP_MS);
  }

  catchUpSoon(afterMs) {
    this.gapTimer ||= setTimeout(() => {
      this.gapTimer = 0;
      this.catchUp();
    }, afterMs);
  }

  async catchUp() {
    const { log } = this;
    if (this.isLeft || log.catchingUp) return;
    log.begin();
    let answer;
    do {
      answer = await ask(`${this.section.dataset.changes}?since=${log.rev}`);
      if (this.log !== log) return;
      if (isNotHers(answer)) return this.leave();
      if (answer.status === 200) this.show(log.take(answer.data));
    } while (answer.status === 200 && answer.data.more);
    const { rows, gap } = log.done();
    this.show(rows);
    this.section.querySelector("[data-offline]").hidden = answer.status > 0 && answer.status < 500;
    if (gap) this.catchUpSoon(answer.status === 200 ? FETCH_AFTER_GAP_MS : LOOK_EVERY_MS);
  }

  show(rows) {
    if (rows.length > 0) this.bubbles.show(rows, this.other);
    else this.bubbles.mark(this.other);
    this.tellSoon();
  }

  // --- Telling how far one has come: stored here at once, read when it has been on the screen for a second ---

  tellSoon() {
    if (document.visibilityState !== "visible") this.tell(0);
    this.tellTimer ||= setTimeout(() => {
      this.tellTimer = 0;
      if (document.visibilityState === "visible") this.tell(this.bubbles.newestSeen());
    }, SHOWN_FOR_MS);
  }

  async tell(read) {
    if (this.isLeft) return;
    const now = { read: Math.max(read, this.told.read), delivered: this.log.newestSeq };
    if (now.read === this.told.read && now.delivered === this.told.delivered) return;
    const before = this.told;
    this.told = now;
    const answer = await ask(this.section.dataset.progress, { body: now, token: this.composer.elements.csrf_token.value });
    if (isNotHers(answer)) this.leave();
    if (answer.status !== 200) this.told = before;
    else if (now.read > before.read) document.dispatchEvent(new Event("heads:stale"));
  }
}
