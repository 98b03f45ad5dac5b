// One person's browser, told what to do by lines on standard input: {n, do, …} → {n, …} on standard output.
// Argument: JSON {who, port, origin, cookies, script, log, clockOffMs}. What happens is written to `log`, line by line.
import "fake-indexeddb/auto";
import { appendFileSync, readFileSync } from "node:fs";
import http from "node:http";
import { createInterface } from "node:readline";
import vm from "node:vm";
import { Tab } from "./tab.mjs";

const given = JSON.parse(process.argv[2]);
const script = new vm.Script(readFileSync(given.script, "utf8"));
const tabs = new Map();

const cookies = {
  all: new Map(Object.entries(given.cookies)),
  header: () => [...cookies.all].map(([name, value]) => `${name}=${value}`).join("; "),
  take(lines = []) {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === "" || /Max-Age=0/i.test(line)) cookies.all.delete(name);
      else cookies.all.set(name, value);
    }
  },
};

const kept = new Map();
const storage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, value) => kept.set(name, String(value)),
  removeItem: (name) => kept.delete(name),
};

/** Web Locks across this browser's tabs; a closed tab lets go of what it holds. */
const locks = {
  last: new Map(),
  request(name, run, closing) {
    const before = locks.last.get(name) ?? Promise.resolve();
    const gone = new Promise((resolve) => closing.addEventListener("abort", resolve));
    const mine = before.then(() => (closing.aborted ? new Promise(() => {}) : run()));
    locks.last.set(name, Promise.race([mine.catch(() => {}), gone]));
    return mine;
  },
};

const browser = {
  port: given.port,
  origin: given.origin,
  clockOffMs: given.clockOffMs ?? 0,
  agent: new http.Agent({ keepAlive: true, maxSockets: 6 }),
  cookies,
  storage,
  locks,
  note: (tab, kind, facts) => appendFileSync(given.log, JSON.stringify({ at: Date.now() / 1000, who: given.who, tab, kind, ...facts }) + "\n"),
};

const acts = {
  async load({ tab, address }) {
    tabs.get(tab)?.close();
    const opened = new Tab(browser, tab, script);
    tabs.set(tab, opened);
    opened.page = opened.inside.newPage((kind, facts) => opened.note(kind, facts), address);
    return { loaded: await opened.page.load() };
  },
  listen({ tab }) {
    tabs.set(tab, new Tab(browser, tab, script));
    tabs.get(tab).inside.listenOnly();
  },
  run: ({ tab }) => tabs.get(tab).page.run(),
  write: ({ tab, letters }) => ({ ids: letters.map((letter) => tabs.get(tab).page.write(letter)) }),
  progress: ({ tab }) => tabs.get(tab).page.progress(),
  rows: ({ tab }) => ({ rows: tabs.get(tab).page.rowsInOrder() }),
  close({ tab }) {
    tabs.get(tab).close();
    tabs.delete(tab);
  },
  freeze: ({ tab }) => tabs.get(tab).freeze(),
  thaw: ({ tab }) => tabs.get(tab).thaw(),
  visible: ({ tab, is }) => tabs.get(tab).show(is),
  happens: ({ tab, name }) => tabs.get(tab).happens(name),
  "sign-in": ({ name, token }) => void cookies.all.set(name, token),
  cookies: () => Object.fromEntries(cookies.all),
};

// A fault in the scripts is a line in the log, as on a phone it is a line in the console: the checker counts them.
process.on("uncaughtException", (fault) => browser.note("", "script fault", { text: String(fault.stack) }));
process.on("unhandledRejection", (fault) => browser.note("", "script fault", { text: String(fault?.stack ?? fault) }));

const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");
for await (const line of createInterface({ input: process.stdin })) {
  const { n, do: act, ...what } = JSON.parse(line);
  // Not waited for: one tab may hang on a dead line while another is asked how it is.
  Promise.resolve()
    .then(() => acts[act](what))
    .then((answer) => say({ n, ...answer }), (fault) => say({ n, fault: String(fault.stack) }));
}
process.exit(0);
