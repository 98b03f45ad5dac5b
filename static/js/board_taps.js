// Taps on the board: each sends its row's own form, one after the other, until the server has answered.
// The same nonce goes with every try, so however often an answer is lost, it stays one tap.
import { SendQueue } from "./chat_queue.js";

const WORD_AFTER_MS = 400;

export class Taps {
  /** answered(news): what the board shows now. unanswered(): nobody answered, and the tap is tried again. */
  constructor(board, { answered, unanswered }) {
    this.board = board;
    this.states = new Map();
    this.isLeaving = false;
    this.answered = answered;
    this.unanswered = unanswered;
    this.queue = new SendQueue({ post, told: (...what) => this.told(...what) });
    board.addEventListener("submit", (event) => {
      event.preventDefault();
      this.tap(event.target);
    });
    window.addEventListener("beforeunload", (event) => {
      if (!this.queue.isEmpty && !this.isLeaving) event.preventDefault();
    });
  }

  tap(form) {
    const row = form.closest("tr");
    if (this.states.get(row.id) === "waits") return;
    this.states.set(row.id, "waits");
    // Its nonce is used now: the next drawing of the row brings a new one, also when it looks the same.
    row.dataset.state = "";
    form.setAttribute("aria-busy", "true");
    this.queue.add({ rowId: row.id, form, body: new FormData(form) });
    setTimeout(() => this.mark(), WORD_AFTER_MS);
  }

  /** Tries at once what still waits: the server is there again. */
  wake() {
    if (!this.queue.isEmpty) this.queue.wake();
  }

  told(kind, { rowId, form }, outcome) {
    if (kind === "later") this.unanswered();
    if (kind === "signed-out") return this.goThePlainWay(form);
    if (kind === "refused") this.states.set(rowId, "refused");
    if (kind === "stored") {
      this.states.delete(rowId);
      this.answered(outcome.news);
    }
    this.mark();
  }

  /** The answer is a page: to sign in, and then to send this tap again. */
  goThePlainWay(form) {
    this.isLeaving = true;
    if (!form.isConnected) document.body.append(form);
    form.submit();
  }

  /** Says in each row what has become of its tap; a row may have been drawn anew since. */
  mark() {
    for (const old of this.board.querySelectorAll("[data-tap]")) if (!this.states.has(old.closest("tr").id)) old.remove();
    for (const [rowId, state] of this.states) {
      const row = document.getElementById(rowId);
      if (row) this.say(row, state);
    }
  }

  say(row, state) {
    const form = row.querySelector("form");
    if (state === "waits") form.setAttribute("aria-busy", "true");
    else form.removeAttribute("aria-busy");
    const words = row.querySelector("[data-tap]") ?? document.createElement("p");
    if (words.dataset.tap === state) return;
    words.className = "meta";
    words.dataset.tap = state;
    words.setAttribute("role", state === "waits" ? "status" : "alert");
    words.textContent = state === "waits" ? this.board.dataset.sendingText : this.board.dataset.refusedText;
    form.after(words);
  }
}

async function post({ form, body }) {
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(form.action, { method: "POST", body, headers, signal: AbortSignal.timeout(20_000) });
    if (answer.ok) return { kind: "stored", news: await answer.json() };
    if (answer.status === 400 || answer.status === 401) return { kind: "signed-out" };
    if (answer.status < 500 && answer.status !== 429) return { kind: "refused" };
  } catch {
    // No answer is no refusal.
  }
  return { kind: "later" };
}
