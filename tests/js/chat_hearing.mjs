// What is new is asked by the live connection, and by an ordinary request whenever that gives no answer.
import assert from "node:assert/strict";
import { Hearing } from "../../static/js/chat_hearing.js";
import { ChatLog } from "../../static/js/chat_log.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const row = (seq) => ({ seq, rev: seq, turn: seq, client_id: `id-${seq}` });
const news = (head, ...rows) => ({ conversation: "c", head, upto: head, more: false, changes: rows, hidden: [] });

/** A page drawn at change 1. `told`: what each question by the live connection is answered, in turn; null: nothing. */
function rig(...told) {
  const seen = { asked: [], requested: [], shown: [], left: 0 };
  const hearers = {};
  globalThis.fetch = async (address, { method }) => {
    if (method === "POST") return Response.json({}); // how far she has come
    seen.requested.push(address);
    return Response.json(news(2, row(2)));
  };
  const connection = {
    isUp: false,
    on: (name, hear) => (hearers[name] = hear),
    wake() {},
    close() {},
    ask: async (name, data) => {
      seen.asked.push([name, data.conversation, data.since]);
      const answer = told.shift();
      return answer instanceof Function ? answer(hearers) : answer;
    },
  };
  const page = {
    isVisible: false,
    newestSeen: () => 0,
    show: (rows) => seen.shown.push(...rows.map(({ seq }) => seq)),
    reached() {},
    wake() {},
    leave: () => seen.left++,
  };
  const where = { conversation: "c", changes: "/c/new", progress: "/c/progress" };
  new Hearing(connection, where, { log: new ChatLog(1, [row(1)]), told: { read: 1, delivered: 9 }, page });
  return { seen, up: () => hearers.up() };
}

const answered = (data) => ({ status: 200, data });

{
  const { seen, up } = rig(answered(news(2, row(2))));
  up();
  await settle();
  assert.deepEqual([seen.asked, seen.requested, seen.shown], [[["chat:since", "c", 1]], [], [2]]);
}
{
  const { seen, up } = rig(null);
  up();
  await settle();
  assert.deepEqual([seen.requested, seen.shown], [["/c/new?since=1"], [2]], "no answer: by request");
}
{
  const { seen, up } = rig(answered({ ...news(2, row(2)), more: true }), null);
  up();
  await settle();
  assert.deepEqual([seen.asked.length, seen.requested], [2, ["/c/new?since=2"]], "each page of it by itself");
}
{
  const { seen, up } = rig((hearers) => {
    hearers["chat:changed"](news(3, row(3)));
    return answered(news(2, row(2)));
  });
  up();
  await settle();
  assert.deepEqual(seen.shown, [2, 3], "what is heard meanwhile comes after what was fetched");
}
{
  const { seen, up } = rig({ status: 404, data: { ok: false } });
  up();
  await settle();
  assert.deepEqual([seen.left, seen.requested, seen.shown], [1, [], []], "not hers: nothing more is asked");
}
{
  const late = (hearers) => {
    hearers["chat:changed"](news(3, row(3)));
    hearers.up(); // the server is back while a question waits that it will not answer
    return { status: 503, data: {} };
  };
  const { seen, up } = rig(late, answered(news(3, row(2), row(3))));
  up();
  await settle();
  assert.deepEqual([seen.asked.length, seen.shown], [2, [2, 3]], "asked anew at once, not half a minute later");
}
process.exit(0);
