// How an open conversation stays true. No page in here: the page is told what to show, and is asked what is seen.
// Order at start, and after every lost connection: hear live events and keep them back, fetch, apply, then they.
import { ask } from "./chat_ask.js";
import { isNotHers } from "./chat_left.js";
import { ChatLog } from "./chat_log.js";

const FETCH_AFTER_GAP_MS = 300;
const LOOK_EVERY_MS = 30_000;
const SHOWN_FOR_MS = 1_000;
const ASK_WITHOUT_LIVE_MS = 4_000;

/** Not all phones at the same moment: they lost the server at the same moment. */
const notTogether = () => ASK_WITHOUT_LIVE_MS * (0.5 + Math.random() / 2);

export class Hearing {
  /**
   * connection: live(). where: {conversation, changes, progress}. log: what the page was drawn with. told: {read, delivered}.
   * page: {isVisible, token, newestSeen(), show(rows), reached(isThere), wake(), leave(), comeBack(), hasRead()}.
   */
  constructor(connection, where, { log, told, page }) {
    Object.assign(this, { connection, where, log, told, page });
    this.isStopped = false;
    this.isThere = true;
    connection.on("chat:changed", (event) => {
      if (!this.isStopped && event.conversation === where.conversation) this.hear(event);
    });
    connection.on("up", () => this.back());
    connection.on("down", () => this.lost());
    connection.on("refused", () => this.catchUp());
    setInterval(() => this.isStopped || this.look(), LOOK_EVERY_MS);
    if (connection.isUp) this.catchUp();
    this.tellSoon();
  }

  /** Signed out, or somebody else signed in here: nothing is heard or kept any more. */
  stop() {
    this.isStopped = true;
    this.connection.close();
    this.#askNoMore();
    this.log = new ChatLog(0);
  }

  /** She is back: everything is fetched anew. */
  goOn() {
    this.isStopped = false;
    this.connection.open();
    this.look();
  }

  back() {
    this.#askNoMore();
    this.page.wake();
    this.catchUp();
  }

  /** Without the live connection the page asks instead, so that only a dead net is worth a word to the person. */
  lost() {
    if (this.isStopped || this.without) return;
    this.without = setInterval(() => this.catchUp(), notTogether());
  }

  /** The page is looked at again, or has been for a while. */
  look() {
    if (!this.page.isVisible) return;
    if (this.isStopped) return this.page.comeBack();
    this.page.wake();
    this.catchUp();
  }

  /** Takes a live event, or the receipt for a message of one's own. */
  hear(event) {
    const { rows, gap } = this.log.hear(event);
    this.#show(rows);
    if (gap) this.#catchUpSoon(FETCH_AFTER_GAP_MS);
  }

  /**
   * Fetches what is new, all of it; live events meanwhile are kept back. By the live connection; whenever that gives no
   * answer, by an ordinary request, which answers the same.
   */
  async catchUp() {
    const { connection, log, where: { changes, conversation } } = this;
    // What is asked may be answered from before the line was open, or not at all: then it is asked once more.
    this.again = log.catchingUp;
    if (this.isStopped || log.catchingUp) return;
    log.begin();
    let answer;
    do {
      answer = (await connection.ask("chat:since", { conversation, since: log.rev })) ?? (await ask(`${changes}?since=${log.rev}`));
      if (this.log !== log) return;
      if (isNotHers(answer)) return this.page.leave();
      if (answer.status === 200) this.#show(log.take(answer.data));
    } while (answer.status === 200 && answer.data.more);
    const { rows, gap } = log.done();
    this.#show(rows);
    this.#reached(answer.status > 0 && answer.status < 500);
    if (this.again) this.catchUp();
    else if (gap) this.#catchUpSoon(answer.status === 200 ? FETCH_AFTER_GAP_MS : notTogether());
  }

  /** Tells how far one has come: stored here at once, read when it has been on the screen for a second. */
  tellSoon() {
    if (!this.page.isVisible) this.#tell(0);
    this.tellTimer ||= setTimeout(() => {
      this.tellTimer = 0;
      if (this.page.isVisible) this.#tell(this.page.newestSeen());
    }, SHOWN_FOR_MS);
  }

  /** The server answers again after it did not: whatever waits out a pause goes on at once. */
  #reached(isThere) {
    const isBack = isThere && !this.isThere;
    this.isThere = isThere;
    this.page.reached(isThere);
    if (!isBack) return;
    this.connection.wake();
    this.page.wake();
  }

  #askNoMore() {
    clearInterval(this.without);
    this.without = 0;
  }

  #catchUpSoon(afterMs) {
    this.gapTimer ||= setTimeout(() => {
      this.gapTimer = 0;
      this.catchUp();
    }, afterMs);
  }

  #show(rows) {
    this.page.show(rows);
    this.tellSoon();
  }

  async #tell(read) {
    if (this.isStopped) return;
    const now = { read: Math.max(read, this.told.read), delivered: this.log.newestTurn };
    if (now.read === this.told.read && now.delivered === this.told.delivered) return;
    const before = this.told;
    this.told = now;
    const answer = await ask(this.where.progress, { body: now, token: this.page.token });
    if (isNotHers(answer)) this.page.leave();
    if (answer.status !== 200) this.told = before;
    else if (now.read > before.read) this.page.hasRead();
  }
}
