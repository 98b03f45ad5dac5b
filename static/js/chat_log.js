// What a page knows of one conversation, and how it stays true. No page in here: only numbers and rows.
//
// `rev` is the last change that is known without a gap. A live event is applied when it is exactly the next change;
// an older one is known already; a later one waits, because something between is missing and must be fetched.

export class ChatLog {
  /** rev: the change the page was drawn at. rows: what it shows, each {seq, rev, client_id, …}. */
  constructor(rev, rows = []) {
    this.rev = rev;
    this.rows = new Map(rows.map((row) => [row.seq, row]));
    this.marks = { recipient: {}, staff: {} };
    this.early = new Map();
    this.head = rev;
    this.catchingUp = false;
  }

  /** Hears a live event {upto, changes, marks}. Gives {rows: what changed, gap: whether to fetch}. */
  hear(event) {
    this.further(event.marks);
    this.head = Math.max(this.head, event.upto);
    for (const row of event.changes) if (row.rev > this.rev) this.early.set(row.rev, row);
    for (const seq of event.hidden ?? []) if (event.upto > this.rev) this.early.set(event.upto, { seq, rev: event.upto, isHidden: true });
    if (this.catchingUp) return { rows: [], gap: false };
    return this.#news();
  }

  /** From now until done() live events are kept back: the fetched answer goes first, then they. */
  begin() {
    this.catchingUp = true;
  }

  /** Takes a fetched answer {upto, more, changes, hidden, marks}. Gives the rows that are new or newer. */
  take(answer) {
    this.further(answer.marks);
    const hidden = (answer.hidden ?? []).map((seq) => ({ seq, rev: answer.upto, isHidden: true }));
    const rows = [...answer.changes, ...hidden].filter((row) => this.#put(row));
    this.rev = Math.max(this.rev, answer.upto);
    return rows;
  }

  /** The fetching is over, well or badly: the events that were kept back are applied. */
  done() {
    this.catchingUp = false;
    return this.#news();
  }

  /** Every row in the order everybody sees: by seq. */
  inOrder() {
    return [...this.rows.values()].sort((one, other) => one.seq - other.seq);
  }

  /** Up to where everything is on this device: the largest turn. */
  get newestTurn() {
    return Math.max(0, ...[...this.rows.values()].map((row) => row.turn ?? row.seq));
  }

  /** How far the other side {recipient | staff} has come in a topic. */
  seenBy(side, topic) {
    return this.marks[side][topic] ?? {};
  }


  // An event without a row (only marks, a phrase, or a message that has changed again) still tells how far the server is.
  #news() {
    const rows = this.#takeNext();
    return { rows, gap: this.head > this.rev };
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
    if (row.isHidden) return this.rows.delete(row.seq);
    this.rows.set(row.seq, row);
    return true;
  }

  /** Takes marks as the server tells them: they only ever move forwards. */
  further(marks = {}) {
    for (const [side, told] of Object.entries(marks)) {
      const known = this.marks[side];
      for (const [topic, cursor] of Object.entries(told)) known[topic] = further(known[topic], cursor);
    }
  }
}

/** The later of two: where it stands, and when that was read. */
function further(one = {}, other = {}) {
  const readAt = (other.read_seq ?? 0) < (one.read_seq ?? 0) ? one.read_at : (other.read_at ?? one.read_at);
  return {
    read_seq: Math.max(one.read_seq ?? 0, other.read_seq ?? 0),
    delivered_seq: Math.max(one.delivered_seq ?? 0, other.delivered_seq ?? 0),
    ...(readAt && { read_at: readAt }),
  };
}
