// Between «Send» and the phone's store nothing is lost: not behind a slow photo, a slow store or a fault in drawing.
import assert from "node:assert/strict";
import { within } from "../../static/js/chat_queue.js";
import { Sending } from "../../static/js/chat_sending.js";
import { Writing } from "../../static/js/chat_writing.js";

globalThis.navigator ??= {}; // older Node has none

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

/** A store that answers when it is told to. */
class SlowStore {
  items = [];
  answers = [];
  keep = (item) => new Promise((resolve) => this.answers.push(() => resolve(Boolean(this.items.push(item)))));
  answer = () => this.answers.shift()();
  waiting = async () => this.items;
  has = async () => true;
  async drop(id) {
    this.items = this.items.filter(({ clientId }) => clientId !== id);
  }
}

/** The form of an open conversation, and what is posted from it. */
function rig(outbox = new SlowStore()) {
  const posted = [];
  globalThis.fetch = async (_address, { body }) => {
    posted.push(JSON.parse(body).text);
    return Response.json({ change: { rev: 1 } }, { status: 201 });
  };
  const plain = { dataset: { limit: 4000, left: "", over: "" } };
  const writing = Object.create(Writing.prototype);
  const composer = { elements: { csrf_token: { value: "" }, files: { files: [] } }, querySelector: () => plain, requestSubmit: () => writing.write() };
  const field = { value: "", focus() {}, removeAttribute() {} };
  const bubbles = { drawn: () => [], showUnsent: ({ text }) => ({ text }), say() {} };
  const chat = { bubbles, hear() {} };
  Object.assign(writing, { composer, field, chat, draft: { text: "" } });
  const by = { live: { ask: async () => null } };
  writing.sending = new Sending({ to: "/chat/x/melding", by, outbox, page: writing });
  const says = (text) => {
    field.value = text;
    writing.write();
  };
  return { writing, outbox, posted, says };
}

{
  // Until the phone has it, it counts as unsent and lies in what the phone keeps of the field.
  const { writing, outbox, posted, says } = rig();
  says("Først");
  says("Så");
  await settle();
  assert.deepEqual([writing.hasUnsent, writing.waiting.map(({ text, isKept }) => [text, Boolean(isKept)])], [true, [["Først", false], ["Så", false]]]);
  assert.equal(writing.draft.text, "Først\nSå");
  outbox.answer();
  await settle();
  assert.deepEqual([posted, writing.draft.text], [["Først"], "Så"]);
  outbox.answer();
  await settle();
  assert.deepEqual([posted, writing.draft.text, writing.hasUnsent, outbox.items], [["Først", "Så"], "", false, []]);
}
{
  // A photo still being drawn: words and photo stay in the form, and go together when it is ready.
  const { writing, outbox, says } = rig();
  let finish;
  const drawn = new Promise((resolve) => (finish = resolve));
  const sendDrawn = () => drawn.then(() => writing.composer.requestSubmit());
  writing.files = { isDrawing: true, chosen: [1], sendDrawn, draw() {}, take: () => writing.files.chosen.splice(0) };
  writing.fetchingFiles = Promise.resolve(writing.files);
  says("Se her");
  says("Se her"); // she taps again
  await settle();
  assert.deepEqual([writing.field.value, writing.files.chosen, writing.draft.text, outbox.answers.length], ["Se her", [1], "", 0]);
  writing.files.isDrawing = false;
  finish();
  await settle();
  assert.deepEqual([writing.field.value, writing.files.chosen, outbox.answers.length], ["", [], 1]);
  assert.deepEqual(writing.waiting.map(({ text, files }) => [text, files]), [["Se her", [1]]]);
}
{
  // A message that cannot be drawn is sent all the same, and so is the one after it; the fault is told.
  const faults = [];
  process.once("uncaughtException", ({ message }) => faults.push(message));
  const { writing, outbox, posted, says } = rig();
  writing.chat.bubbles.showUnsent = ({ text }) => assert.notEqual(text, "Først", "cannot be drawn");
  says("Først");
  await settle();
  outbox.answer();
  await settle();
  assert.deepEqual([posted, faults], [["Først"], ["cannot be drawn"]]);
  says("Så");
  await settle();
  outbox.answer();
  await settle();
  assert.deepEqual(posted, ["Først", "Så"]);
}
{
  // A store that never answers keeps nothing back: the message goes from this tab, and so does the next.
  const { writing, outbox, posted, says } = rig();
  outbox.keep = () => new Promise(() => {});
  const late = globalThis.setTimeout;
  globalThis.setTimeout = (act, ms, ...what) => late(act, Math.min(ms, 5), ...what);
  says("Først");
  says("Så");
  await new Promise((resolve) => late(resolve, 60));
  globalThis.setTimeout = late;
  assert.deepEqual([posted, writing.hasUnsent], [["Først", "Så"], false]);
}
{
  // Back after a sign-in the page is opened anew only when that page will have all that this one has.
  const { writing } = rig();
  writing.field.value = "Halvt";
  assert.equal(writing.mayReload, true, "her phone keeps the draft");
  writing.draft = { get text() { return ""; }, set text(_) {} };
  assert.equal(writing.mayReload, false, "a full phone does not");
  writing.draft = null;
  assert.equal(writing.mayReload, false, "nor does a borrowed one");
  writing.field.value = "";
  assert.equal(writing.mayReload, true, "nothing is written");
  writing.sending.unkept.push({ text: "På vei" });
  assert.equal(writing.mayReload, false, "on its way to the phone's store");
}
{
  // A phone that never finishes drawing a photo sends it as it is.
  assert.equal(await within(10, new Promise(() => {}), "raw"), "raw");
  assert.equal(await within(1000, Promise.resolve("drawn"), "raw"), "drawn");
}
process.exit(0); // a pause of the queue would go on
