// The screen at the door on its bad days: a clock that is wrong, a night asleep, no net, and its end.
import assert from "node:assert/strict";

const RIGHT = Date.UTC(2026, 10, 23, 7, 15);
const computer = { steadyMs: 0, wallMs: RIGHT, ticks: [], reloads: 0 };
performance.now = () => computer.steadyMs;
Date.now = () => computer.wallMs;
globalThis.setInterval = (tick) => computer.ticks.push(tick);
globalThis.document = { visibilityState: "visible", addEventListener() {} };
globalThis.location = { reload: () => (computer.reloads += 1) };
Object.defineProperty(globalThis, "navigator", { value: {} });

const { start } = await import("../../static/js/screen.js");

// The server: two half-minutes a minute by its own clock, an own number for each key, and whether it is reached.
const server = { ms: 0, key: 1, isReached: true, isOpen: true, status: 200, asked: [] };

globalThis.fetch = async (address) => {
  server.asked.push(address);
  if (!server.isReached) throw new TypeError("no net");
  const version = `${server.key}.${Math.floor(server.ms / 30_000)}`;
  const told = { version, clock: "08.15", left_ms: 30_000 - (server.ms % 30_000), open: server.isOpen };
  if (!address.endsWith(`shown=${version}`)) Object.assign(told, { qr: `drawing ${version}`, digits: "123456" });
  return { ok: server.status === 200, status: server.status, json: async () => told };
};

function newScreen() {
  const parts = {};
  const part = (name) => (parts[name] ??= { hidden: false, textContent: "", dataset: {}, removeAttribute: () => delete parts[name].src });
  part("[data-left-words]").dataset.leftWords = "Sekunder til ny kode:";
  part("[data-lost]").hidden = true;
  part(".screen-qr img").src = "drawing 1.0";
  computer.ticks = [];
  Object.assign(server, { ms: 0, key: 1, isReached: true, isOpen: true, status: 200, asked: [] });
  start({ dataset: { url: "/skjerm/kode", shown: "1.0", leftMs: "30000", open: "true" }, querySelector: part });
  return parts;
}

const settle = async () => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

async function goOn(seconds, { asleep = false } = {}) {
  for (let half = 0; half < seconds * 2; half += 1) {
    server.ms += 500;
    computer.wallMs += 500;
    if (asleep) continue;
    computer.steadyMs += 500;
    for (const tick of computer.ticks) tick();
    await settle();
  }
}

const shows = (parts) => parts[".screen-qr img"].src;
const now = () => `drawing ${server.key}.${Math.floor(server.ms / 30_000)}`;

for (const wrongBy of [0, 3 * 365 * 86_400_000, -86_400_000, 1_800_000]) {
  computer.wallMs = RIGHT + wrongBy;
  const parts = newScreen();
  await goOn(2); // a new one is asked for just after the half-minute, not on the stroke
  for (let n = 0; n < 40; n += 1) {
    await goOn(5);
    assert.equal(shows(parts), now(), `a clock that is wrong by ${wrongBy} ms changes nothing`);
    assert.ok(parts["[data-lost]"].hidden);
  }
  await goOn(10);
  assert.equal(parts["[data-left-words]"].textContent, "Sekunder til ny kode: 28");
  assert.ok(server.asked.length >= 50, "it asks every four seconds, so that its end is seen within seconds");
}
{
  const parts = newScreen();
  await goOn(10);
  computer.wallMs -= 3_600_000; // somebody sets the clock, or winter comes
  await goOn(30);
  assert.equal(shows(parts), now());
  computer.wallMs += 7_200_000;
  await goOn(5);
  assert.equal(shows(parts), now());
}
{
  const parts = newScreen();
  await goOn(10);
  await goOn(12 * 3600, { asleep: true });
  server.isReached = false;
  await goOn(1);
  assert.equal(shows(parts), undefined, "what stood there in the evening is not shown in the morning");
  assert.ok(!parts["[data-lost]"].hidden);
  server.isReached = true;
  await goOn(5);
  assert.equal(shows(parts), now(), "and it recovers by itself");
  assert.ok(parts["[data-lost]"].hidden);
}
{
  const parts = newScreen();
  await goOn(20);
  server.isReached = false;
  await goOn(9);
  assert.equal(shows(parts), "drawing 1.0", "a code goes on for as long as it lasts");
  await goOn(6);
  assert.equal(shows(parts), undefined);
  assert.equal(parts[".screen-digits"].textContent, "");
  server.isReached = true;
  await goOn(5);
  assert.equal(shows(parts), now());
}
{
  const parts = newScreen();
  await goOn(6);
  server.key = 2;
  await goOn(5);
  assert.equal(shows(parts), "drawing 2.0", "a new key is seen within seconds, in the same half-minute");
  server.isOpen = false;
  await goOn(5);
  assert.ok(computer.reloads >= 1, "the page itself says that the centre is closed today after all");
  Object.assign(computer, { reloads: 0 });
  Object.assign(server, { isOpen: true, status: 410 });
  await goOn(5);
  assert.equal(shows(parts), undefined);
  assert.ok(computer.reloads >= 1, "the page itself says that the screen was taken out of use");
}
