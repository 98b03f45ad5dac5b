// Taps on the board: each is kept on the tablet, and sent one after the other until the server has answered.
// The same nonce goes with every try, so however often an answer is lost, it stays one tap. A tap that had to wait
// tells how long, so that it counts from when it was made.
import { SendQueue, newClientId } from "./chat_queue.js";

const WORD_AFTER_MS = 400;
const RECEIVED_MS = 4_000;
const JUST_NOW_MS = 5_000;
const WAITED_MS = 3_000;
const TRIED_ANEW = "taps tried anew";

export class Taps {
  /** answered(news): what the board shows now. unanswered(): nobody answered. since(): the version that is shown. */
  constructor(board, { answered, unanswered, since }) {
    this.board = board;
    this.states = new Map();
    this.justMade = new Set();
    this.reasons = new Map();
    this.answered = answered;
    this.unanswered = unanswered;
    this.since = since;
    this.store = new Kept(`taps ${document.querySelector("[data-who]").dataset.who} ${board.dataset.centre}`);
    this.queue = new SendQueue({ post: (tap) => this.post(tap), told: (...what) => this.told(...what) });
    if (!board.querySelector("#tap")) return; // another day: nothing is tapped there
    board.addEventListener("submit", (event) => this.taken(event));
    window.addEventListener("beforeunload", (event) => {
      if (!this.queue.isEmpty && !this.store.keeps) event.preventDefault();
    });
    for (const tap of this.store.taps) this.add(tap, "kept");
  }

  taken(event) {
    const { target: form, submitter } = event;
    if (!["tap", "together"].includes(form.id) || submitter?.dataset.plain !== undefined) return;
    event.preventDefault();
    if (submitter?.getAttribute("aria-disabled") === "true") return;
    const people = new FormData(form).getAll("person");
    const rowIds = form.id === "tap" ? [submitter.closest("tr").id] : people.map((one) => `p-${one}`);
    if (rowIds.length === 0 || rowIds.every((id) => this.isWaiting(id))) return;
    const fields = [...people.map((one) => ["person", one]), ["vis", form.elements.vis.value]];
    const action = submitter.getAttribute("formaction") ?? form.action;
    const tap = { nonce: newClientId(), action, fields, rowIds, at: Date.now() };
    this.store.add(tap);
    this.add(tap, "waits");
    if (form.id === "together") this.board.querySelectorAll("[name=person]:checked").forEach((box) => box.click());
  }

  add(tap, state) {
    const isCut = [...this.states.values()].includes("kept");
    for (const id of tap.rowIds) {
      this.states.set(id, isCut ? "kept" : state);
      this.justMade.add(id);
      setTimeout(() => this.justMade.delete(id), JUST_NOW_MS);
    }
    this.queue.add(tap);
    setTimeout(() => this.mark(), state === "kept" ? 0 : WORD_AFTER_MS);
  }

  isWaiting(rowId) {
    return ["waits", "kept"].includes(this.states.get(rowId));
  }

  isJustMade(rowId) {
    return this.justMade.has(rowId);
  }

  /** Tries at once what still waits: the server is there again. */
  wake() {
    if (!this.queue.isEmpty) this.queue.wake();
  }

  async post({ nonce, action, fields, at }) {
    const token = this.board.querySelector("#tap [name=csrf_token]")?.value;
    const body = new URLSearchParams([["csrf_token", token], ["nonce", nonce], ["since", this.since()], ...fields]);
    const waitedMs = Date.now() - at;
    if (waitedMs > WAITED_MS) body.set("waited_s", Math.round(waitedMs / 1000));
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(action, { method: "POST", body, headers, signal: AbortSignal.timeout(20_000) });
      if (answer.ok) return { kind: "stored", news: await answer.json() };
      if (answer.status === 400 || answer.status === 401) return { kind: "signed-out" };
      if (answer.status === 422) return { kind: "refused", text: (await answer.json()).text };
      if (answer.status < 500 && answer.status !== 429) return { kind: "refused" };
    } catch {
      // No answer is no refusal.
    }
    return { kind: "later" };
  }

  told(kind, tap, outcome) {
    if (kind === "later") this.later();
    if (kind === "signed-out") return this.openAnew(tap);
    if (kind === "refused" || kind === "stored") this.settle(tap, kind, outcome?.text);
    if (kind === "stored") this.answered(outcome.news);
    this.mark();
  }

  /** Nobody answers: what waits behind this one waits too. */
  later() {
    if (this.store.keeps) for (const id of this.states.keys()) if (this.isWaiting(id)) this.states.set(id, "kept");
    this.unanswered();
  }

  settle(tap, kind, text) {
    sessionStorage.removeItem(TRIED_ANEW);
    this.store.drop(tap);
    for (const id of tap.rowIds) {
      const hadToWait = this.states.get(id) === "kept";
      this.states.delete(id);
      this.reasons.set(id, text);
      if (kind === "refused") this.states.set(id, "refused");
      else if (hadToWait) this.sayReceived(id);
    }
  }

  sayReceived(rowId) {
    this.states.set(rowId, "received");
    setTimeout(() => {
      if (this.states.get(rowId) === "received") this.states.delete(rowId);
      this.mark();
    }, RECEIVED_MS);
  }

  /** The answer is a page: to sign in, or with a new token. What is kept is sent from there; else it goes as a form. */
  openAnew(tap) {
    if (this.store.keeps && !sessionStorage.getItem(TRIED_ANEW)) {
      sessionStorage.setItem(TRIED_ANEW, "yes");
      return location.reload();
    }
    this.store.drop(tap);
    const form = this.board.querySelector("#tap");
    form.action = tap.action;
    for (const [name, value] of [["nonce", tap.nonce], ...tap.fields]) form.append(hidden(name, value));
    form.submit();
  }

  /** Says in each row what has become of its tap; a row may have been drawn anew since. */
  mark() {
    for (const old of this.board.querySelectorAll("[data-tap]")) if (!this.states.has(old.closest("tr").id)) old.remove();
    for (const row of this.board.querySelectorAll("[aria-busy]")) if (!this.isWaiting(row.id)) row.removeAttribute("aria-busy");
    for (const [rowId, state] of this.states) {
      const row = document.getElementById(rowId);
      if (row) this.say(row, state);
    }
  }

  say(row, state) {
    if (this.isWaiting(row.id)) row.setAttribute("aria-busy", "true");
    const words = row.querySelector("[data-tap]") ?? document.createElement("p");
    if (words.dataset.tap === state) return;
    const { sendingText: waits, keptText: kept, receivedText: received, refusedText: refused } = this.board.dataset;
    words.className = "meta";
    words.dataset.tap = state;
    words.setAttribute("role", state === "refused" ? "alert" : "status");
    words.textContent = { waits, kept, received, refused: this.reasons.get(row.id) ?? refused }[state];
    row.querySelector(".actions").append(words);
  }
}

/** Taps that the server has not answered, by whoever made them: they outlive the page, and nobody else sends them. */
class Kept {
  constructor(name) {
    this.name = name;
    this.keeps = true;
    this.#write(this.taps);
  }

  get taps() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "[]");
    } catch {
      return [];
    }
  }

  add(tap) {
    this.#write([...this.taps, tap]);
  }

  drop({ nonce }) {
    this.#write(this.taps.filter((one) => one.nonce !== nonce));
  }

  #write(taps) {
    try {
      if (taps.length) localStorage.setItem(this.name, JSON.stringify(taps));
      else localStorage.removeItem(this.name);
    } catch {
      this.keeps = false;
    }
  }
}

function hidden(name, value) {
  return Object.assign(document.createElement("input"), { type: "hidden", name, value });
}
