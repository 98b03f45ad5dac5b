// 2 000 generated stories of one conversation: events lost, late, doubled, swapped, fetches that fail or lag behind.
// At the end one fetch; then the page must show exactly what the server has (I3, I4, I7, I8), and never a hole before.
import assert from "node:assert/strict";
import { ChatLog } from "../../static/js/chat_log.js";

const SEED = Number(process.env.SEED ?? 20261123);

function dice(seed) {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const nothing = () => ({ recipient: { plan: { read_seq: 0, delivered_seq: 0 } }, staff: { plan: { read_seq: 0, delivered_seq: 0 } } });

/** The server: a head, rows as they are now, marks that only grow. Sync is told in pages of three. */
class Server {
  head = 0;
  rows = new Map();
  marks = nothing();

  write(roll) {
    this.head += 1;
    const old = [...this.rows.values()];
    const row = old.length > 0 && roll(4) === 0 ? { ...old[roll(old.length)] } : { seq: this.head, client_id: `c${this.head}` };
    row.rev = this.head;
    this.rows.set(row.seq, row);
    return { upto: this.head, changes: [row], marks: structuredClone(this.marks) };
  }

  read(roll) {
    const side = roll(2) ? "recipient" : "staff";
    const mark = this.marks[side].plan;
    mark.read_seq = Math.max(mark.read_seq, roll(this.head + 1));
    return { upto: this.head, changes: [], marks: structuredClone(this.marks) };
  }

  since(rev) {
    const newer = [...this.rows.values()].filter((row) => row.rev > rev).sort((a, b) => a.rev - b.rev);
    const changes = newer.slice(0, 3).map((row) => ({ ...row }));
    const more = newer.length > 3;
    return { upto: more ? changes.at(-1).rev : this.head, more, changes, marks: structuredClone(this.marks) };
  }
}

const facts = (rows) => rows.map((row) => `${row.seq}/${row.rev}/${row.client_id}`);

function story(seed) {
  const roll = dice(seed);
  const server = new Server();
  for (let n = roll(4); n > 0; n -= 1) server.write(roll);
  const log = new ChatLog(server.head, [...server.rows.values()].map((row) => ({ ...row })));
  const onTheWay = [];
  let fetching = null;
  const whole = () => {
    const known = log.rev;
    for (const row of server.rows.values()) {
      if (row.rev <= known) assert.equal(log.rows.get(row.seq)?.rev, row.rev, `a hole at ${row.seq} before ${known}`);
    }
  };
  for (let step = roll(60); step > 0; step -= 1) {
    const what = roll(10);
    if (what < 4) onTheWay.push(server.write(roll));
    else if (what === 4) onTheWay.push(server.read(roll));
    else if (what === 5 && onTheWay.length > 0) onTheWay.splice(roll(onTheWay.length), 1);
    else if (what < 8 && onTheWay.length > 0) {
      const place = roll(3) === 0 ? roll(onTheWay.length) : 0;
      const [event] = roll(5) === 0 ? [onTheWay[place]] : onTheWay.splice(place, 1);
      const before = log.rev;
      const { gap } = log.hear(structuredClone(event));
      if (!log.catchingUp && event.upto > log.rev) assert.ok(gap, "a gap must be said");
      assert.ok(log.rev >= before);
    } else if (fetching === null) {
      log.begin();
      fetching = server.since(log.rev);
    } else {
      if (roll(4) > 0) log.take(structuredClone(fetching));
      fetching = fetching.more && roll(4) > 0 ? server.since(log.rev) : null;
      if (fetching === null) log.done();
    }
    whole();
  }
  if (fetching !== null) log.done();
  log.begin();
  let answer;
  do {
    answer = server.since(log.rev);
    log.take(structuredClone(answer));
  } while (answer.more);
  log.done();
  const fresh = [...server.rows.values()].sort((a, b) => a.seq - b.seq);
  assert.deepEqual(facts(log.inOrder()), facts(fresh));
  assert.equal(log.rev, server.head);
  assert.deepEqual(log.marks, server.marks);
}

for (let n = 0; n < 2000; n += 1) {
  try {
    story(SEED + n);
  } catch (fault) {
    console.error(`story ${SEED + n}`);
    throw fault;
  }
}

// Named cases, as a reader would tell them.
const row = (seq, rev = seq) => ({ seq, rev, client_id: `c${seq}` });
const event = (one) => ({ upto: one.rev, changes: [one], marks: nothing() });

{
  const log = new ChatLog(0);
  assert.deepEqual(facts(log.hear(event(row(1))).rows), ["1/1/c1"]);
  assert.deepEqual(log.hear(event(row(1))), { rows: [], gap: false }, "the same event twice draws nothing");
  assert.deepEqual(log.hear(event(row(3))), { rows: [], gap: true }, "a later event waits");
  assert.deepEqual(facts(log.hear(event(row(2))).rows), ["2/2/c2", "3/3/c3"], "and comes with the missing one");
}
{
  const log = new ChatLog(0);
  log.begin();
  assert.deepEqual(log.hear(event(row(2))), { rows: [], gap: false }, "live events are kept back while fetching");
  log.take({ upto: 1, more: false, changes: [row(1)], marks: nothing() });
  assert.deepEqual(facts(log.done().rows), ["2/2/c2"], "fetched rows first, then they");
}
{
  const log = new ChatLog(1, [row(1)]);
  assert.ok(log.hear({ upto: 2, changes: [], marks: nothing() }).gap, "marks alone also tell that something is missing");
  log.take({ upto: 3, more: false, changes: [row(1, 3)], marks: nothing() });
  assert.deepEqual(log.hear(event(row(1, 2))), { rows: [], gap: false }, "an older copy never replaces a newer one");
  assert.equal(log.rows.get(1).rev, 3);
}
{
  // The time something was read at goes with the furthest mark, in whatever order marks are heard.
  const early = { recipient: { plan: { read_seq: 3, delivered_seq: 3, read_at: "early" } } };
  const late = { recipient: { plan: { read_seq: 5, delivered_seq: 5, read_at: "late" } } };
  for (const heard of [[early, late], [late, early]]) {
    const log = new ChatLog(0);
    for (const marks of heard) log.further(marks);
    assert.equal(log.seenBy("recipient", "plan").read_at, "late");
  }
}
