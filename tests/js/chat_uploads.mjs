// A file is sent once, also from a tab opened anew, and a server that looks at it closely is given the time.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { mock } from "node:test";
import { Outbox } from "../../static/js/chat_outbox.js";
import { sendFile, sendFiles } from "../../static/js/chat_uploads.js";

globalThis.localStorage = { setItem() {}, removeItem() {} };
const to = "/chat/x/melding";

{
  // The net goes away between two files and the tab is closed: the first is not sent again.
  const item = { clientId: "m", text: "", to, files: [{ clientId: "a", blob: "A" }, { clientId: "b", blob: "B" }] };
  const outbox = new Outbox("her");
  await outbox.keep(item);
  const sent = [];
  const send = (status) => async (_address, { clientId }) => {
    sent.push(clientId);
    return { status: clientId === "b" ? status : 201 };
  };
  const stopped = await sendFiles(item, { send: send(0), outbox });
  assert.equal(stopped.file.clientId, "b");
  const other = new Outbox("her");
  const [again] = await other.waiting(to);
  assert.deepEqual(again.files.map(({ blob }) => blob), ["A", "B"]);
  assert.equal(await sendFiles(again, { send: send(201), outbox: other }), null);
  assert.deepEqual(sent, ["a", "b", "b"]);
  // What is no longer kept does not come back by it.
  await other.drop("m");
  again.files[0].isReceived = false;
  await sendFiles(again, { send: send(201), outbox: other });
  assert.deepEqual(await other.waiting(), []);
}
{
  let hearers;
  const on = (those) => ({ addEventListener: (name, hear) => (those[name] = hear) });
  globalThis.XMLHttpRequest = class {
    constructor() {
      const own = (hearers = { upload: {}, request: {} });
      Object.assign(this, on(own.request), { upload: on(own.upload), status: 0, abort: () => own.request.loadend() });
    }
    open() {}
    send() {}
    setRequestHeader() {}
    getResponseHeader = () => null;
  };
  mock.timers.enable({ apis: ["setTimeout"] });
  const answerAfter = async (...seconds) => {
    let answer = null;
    sendFile("/chat/x/fil", { clientId: "a", blob: new Blob(["A"]), name: "a" }, { told() {} }).then((one) => (answer = one));
    for (const step of seconds) {
      if (typeof step === "string") hearers.upload[step]({ loaded: 1, total: 1 });
      else mock.timers.tick(step * 1000);
    }
    await Promise.resolve();
    return answer;
  };
  assert.equal((await answerAfter("progress", 31))?.status, 0, "nothing moves: it is tried again");
  assert.equal(await answerAfter("progress", 29, "progress", 29), null, "as long as bytes move it goes on");
  assert.equal(await answerAfter("progress", "load", 100), null, "the server has it and looks at it");
  assert.equal((await answerAfter("progress", "load", 181))?.status, 0, "but not for ever");
}
process.exit(0);
