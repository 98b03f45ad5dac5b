// The open conversation on the page. How it stays true: chat_hearing.js. What is written: chat_writing.js.
import { Bubbles } from "./chat_bubbles.js";
import { Hearing } from "./chat_hearing.js";
import { hideAround, whoIsHere } from "./chat_left.js";
import { ChatLog } from "./chat_log.js";
import { Writing } from "./chat_writing.js";
import { live } from "./live.js";

export function start(section, later) {
  new Chat(section, later);
}

class Chat {
  constructor(section, later) {
    this.section = section;
    this.later = later;
    this.bubbles = new Bubbles(section);
    this.otherSide = section.dataset.side === "recipient" ? "staff" : "recipient";
    this.writing = new Writing(this);
    const log = new ChatLog(Number(section.dataset.upto), this.bubbles.drawn());
    log.further(JSON.parse(section.dataset.marks));
    const told = { read: Number(section.dataset.ownRead), delivered: Number(section.dataset.ownDelivered) };
    section.querySelector("[data-mark-read]")?.remove();
    this.hearing = new Hearing(live(), section.dataset, { log, told, page: this });
    this.bubbles.mark(this.seenByOther);
    this.bubbles.toFirstUnread(told.read);
    this.bindLooking();
    this.writing.takeUp();
  }

  /** How far the other side has come in a topic. */
  seenByOther = (topic) => this.hearing.log.seenBy(this.otherSide, topic);

  bindLooking() {
    const look = () => this.look();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    window.addEventListener("online", look);
    this.bubbles.thread.addEventListener("scroll", () => this.hearing.tellSoon(), { passive: true });
    document.addEventListener("session:over", () => this.isOver());
  }

  look() {
    this.hearing.look();
  }

  hear(event) {
    this.hearing.hear(event);
  }

  // --- What hearing asks of the page ---

  get isVisible() {
    return document.visibilityState === "visible";
  }

  get token() {
    return this.writing.token;
  }

  newestSeen() {
    return this.bubbles.newestSeen();
  }

  show(rows) {
    if (rows.length > 0) this.bubbles.show(rows, this.seenByOther);
    else this.bubbles.mark(this.seenByOther);
  }

  reached(isThere) {
    this.section.querySelector("[data-offline]").hidden = isThere;
  }

  wake() {
    this.writing.wake();
  }

  hasRead() {
    document.dispatchEvent(new Event("heads:stale"));
  }

  // --- Signed out, or somebody else signed in here: nothing of hers stays but what she has not sent yet ---

  get isLeft() {
    return this.hearing.isStopped;
  }

  /** The page has heard that she is out; one from the history, still covered, may be seen once all is put away. */
  isOver() {
    this.leave();
    if (this.isLeft) delete document.documentElement.dataset.unsure;
  }

  leave() {
    if (this.isLeft) return;
    if (this.section.dataset.side === "staff" && !this.writing.hasUnsent) return location.reload();
    this.hearing.stop();
    this.bubbles.forget();
    this.writing.hold();
    this.showLeft();
  }

  /** She is back on this page: if she has signed in again herself, everything is shown anew. */
  async comeBack() {
    this.asking ??= this.writing.refreshToken();
    const isHers = await this.asking;
    this.asking = null;
    if (!isHers || !this.isLeft) return;
    if (this.writing.mayReload) return location.reload(); // the newest messages, not all there ever were
    this.hearing.goOn();
    this.showLeft();
  }

  showLeft() {
    this.sayWhy();
    this.section.querySelector("[data-offline]").hidden = true;
    this.bringBack = this.isLeft ? hideAround(this.section) : this.bringBack();
  }

  /** She is signed out; or, for whoever works here, the conversation is closed to her, and that is what is said. */
  async sayWhy() {
    const closed = this.section.querySelector("[data-closed]");
    const say = (isClosed) => {
      this.section.querySelector("[data-signed-out]").hidden = !this.isLeft || isClosed;
      if (closed) closed.hidden = !this.isLeft || !isClosed;
    };
    say(false);
    if (!closed || !this.isLeft) return;
    const here = await whoIsHere(this.section.dataset);
    say(Boolean(here?.isSame && !here.page));
  }
}
