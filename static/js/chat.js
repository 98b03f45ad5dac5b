// The open conversation: shows what comes, tells how far one has come. What is written: chat_writing.js.
// Order at start, and after every lost connection: hear live events and keep them back, fetch, apply, then they.
import { ask } from "./chat_ask.js";
import { Bubbles } from "./chat_bubbles.js";
import { ChatLog } from "./chat_log.js";
import { hideAround, isNotHers } from "./chat_left.js";
import { Writing } from "./chat_writing.js";
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
    this.bubbles = new Bubbles(section);
    this.log = new ChatLog(Number(section.dataset.upto), this.bubbles.drawn());
    this.otherSide = section.dataset.side === "recipient" ? "staff" : "recipient";
    this.log.further(JSON.parse(section.dataset.marks));
    this.told = { read: Number(section.dataset.ownRead), delivered: Number(section.dataset.ownDelivered) };
    this.writing = new Writing(this);
    section.querySelector("[data-mark-read]")?.remove();
    this.bubbles.mark(this.seenByOther);
    this.bubbles.toFirstUnread(this.told.read);
    this.bindHearing();
    this.writing.takeUp();
  }

  /** How far the other side has come in a topic. */
  seenByOther = (topic) => this.log.seenBy(this.otherSide, topic);

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
    document.addEventListener("session:over", () => this.isOver());
    if (connection.isUp) this.catchUp();
    this.tellSoon();
  }

  /** The page has heard that she is out; one from the history, still covered, may be seen once all is put away. */
  isOver() {
    this.leave();
    if (this.isLeft) delete document.documentElement.dataset.unsure;
  }

  back() {
    clearInterval(this.without);
    this.without = 0;
    this.writing.queue.wake();
    this.catchUp();
  }

  /** Without the live connection the page asks instead, so that only a dead net is worth a word to the person. */
  lost() {
    if (!this.isLeft) this.without ||= setInterval(() => this.catchUp(), ASK_WITHOUT_LIVE_MS);
  }

  look() {
    if (document.visibilityState !== "visible") return;
    if (this.isLeft) return this.comeBack();
    this.writing.queue.wake();
    this.catchUp();
  }

  // --- Signed out, or somebody else signed in here: nothing of hers stays but what she has not sent yet ---

  leave() {
    if (this.isLeft) return;
    const hasUnsent = !this.writing.queue.isEmpty || this.writing.field.value.trim() !== "";
    if (this.section.dataset.side === "staff" && !hasUnsent) return location.reload();
    this.isLeft = true;
    live().close();
    clearInterval(this.without);
    this.without = 0;
    this.log = new ChatLog(0);
    this.bubbles.forget();
    for (const { clientId } of this.writing.queue.items) this.bubbles.say(clientId, "held");
    this.showLeft();
  }

  /** She is back on this page: if she has signed in again herself, everything is fetched anew. */
  async comeBack() {
    this.asking ??= this.writing.refreshToken();
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
    if (rows.length > 0) this.bubbles.show(rows, this.seenByOther);
    else this.bubbles.mark(this.seenByOther);
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
    const now = { read: Math.max(read, this.told.read), delivered: this.log.newestTurn };
    if (now.read === this.told.read && now.delivered === this.told.delivered) return;
    const before = this.told;
    this.told = now;
    const answer = await ask(this.section.dataset.progress, { body: now, token: this.writing.composer.elements.csrf_token.value });
    if (isNotHers(answer)) this.leave();
    if (answer.status !== 200) this.told = before;
    else if (now.read > before.read) document.dispatchEvent(new Event("heads:stale"));
  }
}
