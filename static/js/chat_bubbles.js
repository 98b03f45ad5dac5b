// Draws messages into the thread. All words come from the page's own patterns; a person's text is only ever text.
import { moveMenu } from "./chat_move.js";
import { fileOf, fillBeneath, pieceOf, tellTopic, turnOf } from "./chat_pieces.js";
import { newestRead, sayWhen } from "./chat_read.js";

const RUN_MS = 5 * 60_000;
const NEAR_PX = 120;

export class Bubbles {
  constructor(section) {
    this.thread = section.querySelector("[data-thread]");
    this.end = section.querySelector("[data-end]");
    this.jump = section.querySelector("[data-jump]");
    this.section = section;
    this.me = section.dataset.me;
    const zone = { timeZone: "Europe/Oslo" };
    const numbers = `${section.dataset.language}-u-nu-latn`;
    this.clock = new Intl.DateTimeFormat("nb", { ...zone, hour: "2-digit", minute: "2-digit" });
    this.dot = section.dataset.language === "nb" ? "." : ":";
    this.dayOf = new Intl.DateTimeFormat("sv", zone);
    this.dayName = new Intl.DateTimeFormat(numbers, { ...zone, weekday: "long", day: "numeric", month: "long" });
    this.jump.addEventListener("click", () => this.toEnd());
    this.staysAtEnd = true;
    this.thread.addEventListener("scroll", () => {
      this.staysAtEnd = this.isNearEnd;
      if (this.isNearEnd) this.jump.hidden = true;
    });
    // A keyboard, or a word about the net, makes the thread lower: the newest message stays in sight.
    new ResizeObserver(() => this.staysAtEnd && this.toEnd()).observe(this.thread);
    this.#closeRuns();
  }

  /** The rows that the server drew, as the log knows them. */
  drawn() {
    return this.#messages()
      .filter((element) => element.dataset.seq)
      .map((element) => ({
        seq: Number(element.dataset.seq),
        rev: Number(element.dataset.rev ?? element.dataset.seq),
        turn: turnOf(element),
        client_id: element.dataset.clientId,
        author: element.dataset.author,
      }));
  }

  get isNearEnd() {
    return this.thread.scrollHeight - this.thread.scrollTop - this.thread.clientHeight < NEAR_PX;
  }

  toEnd() {
    this.thread.scrollTop = this.thread.scrollHeight;
    this.jump.hidden = true;
  }

  /** Begins where she left off: what she has not read must come past her eyes to count as read. */
  toFirstUnread(readSeq) {
    this.toEnd();
    const unread = this.#messages().find((one) => one.dataset.own === undefined && turnOf(one) > readSeq);
    if (unread && unread.offsetTop < this.thread.scrollTop) {
      this.thread.scrollTop = unread.offsetTop - 8;
      this.staysAtEnd = false;
      this.jump.hidden = false;
    }
  }

  /** Shows a message that is on its way: `sending`, `waiting` for a net, or `held` until signed in. */
  showUnsent({ clientId, text }, state) {
    const element = this.#copy("own");
    element.dataset.clientId = clientId;
    element.dataset.author = this.me;
    const bubble = element.querySelector(".bubble");
    bubble.textContent = text;
    bubble.hidden = !text;
    element.querySelector("[data-change]").remove(); // not before the server has it
    this.#date(element, new Date().toISOString());
    this.#say(element, state);
    this.#place(element, Infinity);
    this.toEnd();
    return element;
  }

  /** Takes a waiting message away again: its text goes back to where it was written. */
  takeBack(clientId) {
    this.#waiting(clientId)?.remove();
    this.#closeRuns();
  }

  /** Takes everything off the screen but what has not been sent yet. */
  forget() {
    for (const element of [...this.thread.children]) {
      if (element !== this.end && (element.dataset.seq || !element.matches(".message"))) element.remove();
    }
    this.jump.hidden = true;
    this.#closeRuns();
  }

  /** The server has it, though its place is not known yet. */
  say(clientId, state) {
    const element = this.#waiting(clientId);
    if (element) this.#say(element, state);
  }

  /** Shows rows from the server, each once and in its place. */
  show(rows, seenBy) {
    const stay = !this.isNearEnd;
    let fromOther = false;
    for (const row of rows) {
      const own = row.author === this.me;
      fromOther ||= !own && !row.withdrawn_at;
      if (own) this.#waiting(row.client_id)?.remove();
      this.#messages().find((element) => Number(element.dataset.seq) === row.seq)?.remove();
      if (row.isHidden) continue;
      this.#place(this.#bubble(row, own), row.seq);
      if (row.corrects) this.#corrected(row);
    }
    this.mark(seenBy);
    if (!stay) this.toEnd();
    else if (fromOther) this.jump.hidden = false;
  }

  /** Says on each own message how far the other side has come in its topic. */
  mark(seenBy) {
    const newest = newestRead(this.#messages(), seenBy, this.section.dataset);
    for (const element of this.#messages()) {
      const turn = turnOf(element);
      if (!turn || element.dataset.own === undefined) continue;
      const { read_seq = 0, delivered_seq = 0, read_at = "" } = seenBy(element.dataset.topic ?? "plan");
      const state = turn <= read_seq ? "read" : turn <= delivered_seq ? "delivered" : "sent";
      this.#say(element, state, newest.has(element) ? read_at : "");
    }
    this.#closeRuns();
  }

  /** The newest message whose beginning is on the screen now, 0 if none. */
  newestSeen() {
    const edge = this.thread.getBoundingClientRect().bottom - 16;
    const seen = this.#messages().filter((one) => one.dataset.seq && one.getBoundingClientRect().top < edge);
    return Math.max(0, ...seen.map(turnOf));
  }

  #messages() {
    return [...this.thread.querySelectorAll(".message")];
  }

  #waiting(clientId) {
    return this.#messages().find((element) => !element.dataset.seq && element.dataset.clientId === clientId);
  }

  #copy(name) {
    return this.section.querySelector(`template[data-pattern="${name}"]`).content.firstElementChild.cloneNode(true);
  }

  #bubble(row, own) {
    const element = this.#copy(own ? "own" : "other");
    const { seq, rev, turn, topic, client_id: clientId, author } = row;
    Object.assign(element.dataset, { seq, rev, turn, topic, clientId, author });
    const bubble = element.querySelector(".bubble");
    bubble.append(...row.pieces.map(pieceOf));
    bubble.hidden = row.pieces.length === 0;
    const text = row.withdrawn_at ? this.#note("withdrawn", row.withdrawn_at) : bubble;
    bubble.replaceWith(text);
    if (row.beneath) text.after(fillBeneath(this.#copy("beneath"), seq, row.beneath));
    if (row.in_norwegian) text.after(this.#norwegian(row.in_norwegian));
    if (row.corrects_at) text.before(this.#note("corrects", row.corrects_at));
    if (row.turn !== row.seq) text.after(this.#copy("moved"));
    if (row.corrected_at) text.after(this.#note("corrected", row.corrected_at));
    text.after(...(row.files ?? []).map((file) => fileOf(file, this.section.querySelector(".attach svg"), own)));
    this.#mayChange(element, row);
    element.append(...moveMenu(this.section, row));
    element.querySelector("[data-name]")?.replaceChildren(row.name);
    this.#date(element, row.at);
    tellTopic(this.section, element, topic);
    return element;
  }

  #time(at) {
    return this.clock.format(new Date(at)).replace(/\D/, this.dot);
  }

  #date(element, at) {
    element.dataset.at = at;
    element.querySelector("[data-time]").textContent = this.#time(at);
  }

  /** A line about what became of a message: `withdrawn`, `corrected`, or that it `corrects` an older one. */
  #note(kind, at) {
    const note = this.#copy(kind);
    note.textContent = note.textContent.replace("{time}", this.#time(at));
    return note;
  }

  /** What a phrase says in Norwegian, beneath another language. */
  #norwegian(words) {
    const line = this.#copy("norwegian");
    line.textContent = words;
    return line;
  }

  /** An older message was corrected by this one, and says so. */
  #corrected({ corrects, at }) {
    const element = this.#messages().find((one) => Number(one.dataset.seq) === corrects);
    if (!element || element.querySelector("[data-note=corrected]")) return;
    element.querySelector(".bubble")?.after(this.#note("corrected", at));
  }

  /** The way to correct or withdraw it, for as long as the server allows that. */
  #mayChange(element, row) {
    const way = element.querySelector("[data-change]");
    if (!way) return;
    const leftMs = Date.parse(row.at) + way.dataset.minutes * 60_000 - Date.now();
    if (leftMs <= 0 || row.withdrawn_at) return way.remove();
    way.href = way.href.replace("/melding/0", `/melding/${row.seq}`);
    setTimeout(() => way.remove(), leftMs);
  }

  #say(element, state, readAt = "") {
    if (`${element.dataset.state} ${element.dataset.readAt ?? ""}` === `${state} ${readAt}`) return;
    Object.assign(element.dataset, { state, readAt });
    const pattern = this.section.querySelector(`template[data-state="${state}"]`);
    const words = pattern.content.cloneNode(true);
    if (readAt) sayWhen(words, pattern.dataset, { ...this, readAt, writtenAt: element.dataset.at, time: (at) => this.#time(at) });
    element.querySelector("[data-state-words]").replaceChildren(words);
  }

  /** Puts a message before the first with a larger seq; waiting ones stay last. Adds the line of its day. */
  #place(element, seq) {
    this.thread.querySelector("[data-empty]")?.remove();
    const next = this.#messages().find((one) => Number(one.dataset.seq || Infinity) > seq);
    (next ?? this.end).before(element);
    const day = this.dayOf.format(new Date(element.dataset.at));
    if (this.thread.querySelector(`.day[data-on="${day}"]`)) return;
    const line = this.#copy("today");
    line.dataset.on = day;
    if (day !== this.dayOf.format(new Date())) line.textContent = this.dayName.format(new Date(element.dataset.at));
    element.before(line);
  }

  /** Time and state stand once under a run of messages by the same person, as people read them. */
  #closeRuns() {
    const all = this.#messages();
    all.forEach((element, place) => {
      const next = all[place + 1];
      const goesOn =
        next?.dataset.author === element.dataset.author &&
        next.dataset.state === element.dataset.state &&
        Date.parse(next.dataset.at) - Date.parse(element.dataset.at) < RUN_MS;
      element.querySelector(".meta").hidden = Boolean(goesOn);
    });
  }
}
