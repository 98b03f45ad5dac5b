// What a page knows of one conversation, and how it stays true. No page in here: only numbers and rows.
//
// `rev` is the last change that is known without a gap. A live event is applied when it is exactly the next change;
// an older one is known already; a later one waits, because something between is missing and must be fetched.

export class ChatLog {
  /** rev: the change the page was drawn at. rows: what it shows, each {seq, rev, client_id, …}. */
  constructor(rev, rows = []) {
    this.rev = rev;
    this.rows = new Map(rows.map((row) => [row.seq, row]));
    this.marks = { recipient: { read_seq: 0, delivered_seq: 0 }, staff: { read_seq: 0, delivered_seq: 0 } };
    this.early = new Map();
    this.catchingUp = false;
  }

  /** Hears a live event {upto, changes, marks}. Gives {rows: what changed, gap: whether to fetch}. */
  hear(event) {
    this.#further(event.marks);
    for (const row of event.changes) if (row.rev > this.rev) this.early.set(row.rev, row);
    if (this.catchingUp) return { rows: [], gap: false };
    const rows = this.#takeNext();
    // An event without a row (only marks, or its message has changed again since) still tells how far the server is.
    return { rows, gap: this.early.size > 0 || event.upto > this.rev };
  }

  /** From now until done() live events are kept back: the fetched answer goes first, then they. */
  begin() {
    this.catchingUp = true;
  }

  /** Takes a fetched answer {upto, more, changes, marks}. Gives the rows that are new or newer. */
  take(answer) {
    this.#further(answer.marks);
    const rows = answer.changes.filter((row) => this.#put(row));
    this.rev = Math.max(this.rev, answer.upto);
    return rows;
  }

  /** The fetching is over, well or badly: the events that were kept back are applied. */
  done() {
    this.catchingUp = false;
    const rows = this.#takeNext();
    return { rows, gap: this.early.size > 0 };
  }

  /** Every row in the order everybody sees: by seq. */
  inOrder() {
    return [...this.rows.values()].sort((one, other) => one.seq - other.seq);
  }

  get newestSeq() {
    return Math.max(0, ...this.rows.keys());
  }

  #takeNext() {
    const rows = [];
    for (const rev of [...this.early.keys()].sort((one, other) => one - other)) {
      if (rev > this.rev + 1) break;
      const row = this.early.get(rev);
      this.early.delete(rev);
      if (this.#put(row)) rows.push(row);
      this.rev = Math.max(this.rev, rev);
    }
    return rows;
  }

  #put(row) {
    if ((this.rows.get(row.seq)?.rev ?? 0) >= row.rev) return false;
    this.rows.set(row.seq, row);
    return true;
  }

  #further(marks) {
    for (const side of ["recipient", "staff"]) {
      for (const name of ["read_seq", "delivered_seq"]) {
        this.marks[side][name] = Math.max(this.marks[side][name], marks?.[side]?.[name] ?? 0);
      }
    }
  }
}
