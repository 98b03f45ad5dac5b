// The queue on the phone: one at a time, in order, the same id on every try, and nothing silently gone (I1, I3, I5).
import assert from "node:assert/strict";
import { SendQueue, bodyOf, newClientId, outcomeOf } from "../../static/js/chat_queue.js";

const settle = async () => {
  for (let n = 0; n < 50; n += 1) await Promise.resolve();
};

function rig(answers, chance = 0.5) {
  const posted = [];
  const told = [];
  const waits = [];
  let inFlight = 0;
  const queue = new SendQueue({
    post: async (item) => {
      inFlight += 1;
      assert.equal(inFlight, 1, "never two in flight");
      posted.push(item.clientId);
      await Promise.resolve();
      inFlight -= 1;
      return answers.length > 0 ? answers.shift() : { kind: "stored" };
    },
    told: (kind, item) => told.push(`${kind} ${item.clientId}`),
    wait: (ms) => new Promise((resolve) => waits.push({ ms, resolve })),
    random: () => chance,
  });
  return { queue, posted, told, waits };
}

{
  const { queue, posted, told } = rig([]);
  for (const clientId of ["a", "b", "c"]) queue.add({ clientId });
  await settle();
  assert.deepEqual(posted, ["a", "b", "c"]);
  assert.deepEqual(told, ["stored a", "stored b", "stored c"]);
  assert.ok(queue.isEmpty);
}
{
  const { queue, posted } = rig([{ kind: "gone" }]);
  for (const clientId of ["sent by another tab", "b"]) queue.add({ clientId });
  await settle();
  assert.deepEqual(posted, ["sent by another tab", "b"], "what another tab has sent holds nobody up");
  assert.ok(queue.isEmpty);
}
{
  const later = { kind: "later" };
  const { queue, posted, waits } = rig([later, later, later]);
  queue.add({ clientId: "a" });
  queue.add({ clientId: "b" });
  for (let n = 0; n < 4; n += 1) {
    await settle();
    waits.at(-1)?.resolve();
  }
  await settle();
  assert.deepEqual(posted, ["a", "a", "a", "a", "b"], "the same id until it is stored, then the next");
  assert.deepEqual(waits.map((wait) => wait.ms), [1000, 2000, 3000], "longer each time, and never long");
}
{
  const { queue, waits } = rig(Array(9).fill({ kind: "later" }), 0.999);
  queue.add({ clientId: "a" });
  for (let n = 0; n < 9; n += 1) {
    await settle();
    waits.at(-1).resolve();
  }
  assert.ok(Math.max(...waits.map((wait) => wait.ms)) < 4_000, "whatever chance says, it is tried again within four seconds");
}
{
  const { queue, posted, waits } = rig([{ kind: "later" }]);
  queue.add({ clientId: "a" });
  await settle();
  queue.wake();
  await settle();
  assert.deepEqual(posted, ["a", "a"], "the net is back: no waiting out");
  assert.equal(waits.length, 1);
}
{
  const { queue, told } = rig([{ kind: "refused" }, { kind: "stored" }]);
  queue.add({ clientId: "a" });
  queue.add({ clientId: "b" });
  await settle();
  assert.deepEqual(told, ["refused a", "stored b"], "a refused message does not block the next");
}
{
  const { queue, posted, told } = rig([{ kind: "signed-out" }]);
  queue.add({ clientId: "a" });
  await settle();
  assert.deepEqual(told, ["signed-out a"]);
  assert.ok(!queue.isEmpty, "the text is kept");
  queue.add({ clientId: "b" });
  await settle();
  assert.deepEqual(posted, ["a"], "no knocking while signed out");
  queue.wake();
  await settle();
  assert.deepEqual(posted, ["a", "a", "b"]);
}

const kinds = [
  [201, { change: {} }, "stored"], [200, { change: {} }, "stored"], [201, {}, "later"], [401, {}, "signed-out"], [404, {}, "refused"], [409, {}, "refused"],
  [413, {}, "refused"], [422, {}, "refused"], [400, { error: "form.too_long_open" }, "old-token"], [400, {}, "refused"],
  [429, {}, "later"], [500, {}, "later"], [502, {}, "later"], [503, {}, "later"], [0, {}, "later"],
];
for (const [status, data, kind] of kinds) assert.equal(outcomeOf(status, data).kind, kind, `${status}`);
assert.equal(outcomeOf(429, {}, 7).afterMs, 7000);

const ids = new Set(Array.from({ length: 500 }, newClientId));
assert.equal(ids.size, 500);
for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);

const now = 1_000_000;
assert.deepEqual(bodyOf({ clientId: "a", text: "Hei", topic: "plan" }, now), { client_id: "a", text: "Hei", topic: "plan", files: [] });
assert.deepEqual(
  bodyOf({ clientId: "b", text: "Jeg er syk i dag.", phrase: "sick_today", values: {}, tellsCentre: true, at: now - 90_000 }, now),
  { client_id: "b", topic: undefined, phrase: "sick_today", values: {}, tells_centre: true, age_s: 90 },
  "a phrase goes as a code, with how long it waited, whatever the phone's clock says",
);
