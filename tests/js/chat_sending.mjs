// What becomes of a message that has lain unsent for long, or that a closed conversation does not take.
import assert from "node:assert/strict";
import { Sending } from "../../static/js/chat_sending.js";

globalThis.navigator ??= {}; // older Node has none

const DAY_MS = 24 * 60 * 60 * 1000;
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

/** The phone's store, as far as it goes here. */
class Store {
  constructor(...items) {
    this.items = items;
  }
  waiting = async () => [...this.items];
  has = async (id) => this.items.some(({ clientId }) => clientId === id);
  async drop(id) {
    this.items = this.items.filter(({ clientId }) => clientId !== id);
  }
}

/** A page before a net that answers every message with a status; `answer` is what she says about what is old. */
function rig(outbox, { status = 201, answer, isHer = true, holds = true } = {}) {
  const seen = { posted: [], asked: [], inField: [], told: [] };
  globalThis.fetch = async (_address, { body }) => {
    seen.posted.push(JSON.parse(body).text);
    return Response.json(status === 201 ? { change: { rev: 1 } } : { text: "Nei." }, { status });
  };
  const page = {
    token: "",
    refreshToken: async () => true,
    drawn: () => [],
    line() {},
    settled: (kind, _item, outcome) => seen.told.push([kind, outcome.isClosed ?? false]),
    isStillHer: async () => isHer,
    askAboutOld: async ({ text }) => {
      seen.asked.push(text);
      return answer;
    },
    putBack({ text }) {
      seen.inField.push(text);
      return holds;
    },
  };
  const by = { live: { ask: async () => null } }; // no live connection
  const sending = new Sending({ to: "/chat/x/melding", by, outbox, page });
  sending.takeUp();
  return seen;
}

const item = (clientId, hours) => ({ clientId, text: clientId, to: "/chat/x/melding", at: Date.now() - (hours * DAY_MS) / 24 });

{
  const store = new Store(item("old", 25), item("new", 1));
  const seen = rig(store, { answer: "send" });
  await settle();
  assert.deepEqual([seen.asked, seen.posted, store.items], [["old"], ["old", "new"], []]);
}
{
  const store = new Store(item("old", 25), item("new", 1));
  const seen = rig(store, { answer: "keep" });
  await settle();
  assert.deepEqual([seen.posted, seen.inField, store.items], [["new"], ["old"], []]);
}
{
  // She cannot be asked now: it stays, and what she wrote after it waits its turn.
  const store = new Store(item("old", 25), item("new", 1));
  const seen = rig(store, {});
  await settle();
  assert.deepEqual([seen.posted, seen.inField, store.items.length], [[], [], 2]);
}
for (const status of [403, 404]) {
  const store = new Store(item("a", 0));
  const closed = rig(store, { status });
  await settle();
  assert.deepEqual([closed.told, closed.inField, store.items], [[["refused", true]], ["a"], []]);

  const kept = new Store(item("a", 0));
  const out = rig(kept, { status, isHer: false });
  await settle();
  assert.deepEqual([out.told, out.inField, kept.items.length], [[["signed-out", false]], [], 1]);
}
{
  // A full phone holds no draft: then the message itself stays until it does.
  const store = new Store(item("a", 0));
  const seen = rig(store, { status: 422, holds: false });
  await settle();
  assert.deepEqual([seen.told, store.items.length], [[["refused", false]], 1]);
}
process.exit(0); // a pause of the queue would go on
