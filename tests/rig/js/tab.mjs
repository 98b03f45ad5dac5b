// One browser tab without a window: its own clock, timers, requests and live connection, which can be frozen or cut off.
// What several tabs of a browser share (cookies, storage, database, locks) comes from outside: browser.mjs.
import { setMaxListeners } from "node:events";
import http from "node:http";
import { setImmediate } from "node:timers/promises";
import vm from "node:vm";
import { WebSocket as NetSocket } from "ws";

const DATABASE = Object.getOwnPropertyNames(globalThis).filter((name) => name.startsWith("IDB"));
const CONVERSATION = /"conversation":\s*"([^"]+)"/g;

export class Tab {
  #held = null;
  #isClosed = false;
  #timers = new Map();
  #number = 0;
  #closing = new AbortController();
  #visible = "visible";

  /** browser: {port, origin, cookies, storage, locks, note(tab, kind, facts), clockOffMs}; script: the bundle's text. */
  constructor(browser, name, script) {
    this.browser = browser;
    this.name = name;
    setMaxListeners(0, this.#closing.signal);
    this.window = new EventTarget();
    this.document = new EventTarget();
    Object.defineProperty(this.document, "visibilityState", { get: () => this.#visible });
    this.inside = vm.createContext(this.#globals());
    this.inside.self = this.inside.window = this.inside;
    const late = browser.clockOffMs;
    vm.runInContext(`{ const now = Date.now; Date = class extends Date { constructor(...a) { a.length ? super(...a) : super(now() + ${late}); } static now() { return now() + ${late}; } }; }`, this.inside);
    script.runInContext(this.inside);
  }

  note(kind, facts = {}) {
    if (!this.#isClosed) this.browser.note(this.name, kind, facts);
  }

  show(isVisible) {
    this.#visible = isVisible ? "visible" : "hidden";
    this.happens("visibilitychange", this.document);
  }

  happens(name, where = this.window) {
    this.#in(() => where.dispatchEvent(new Event(name)));
  }

  /** As a phone does with a tab behind another: nothing runs, what comes waits. */
  freeze() {
    this.#held ??= [];
  }

  async thaw() {
    const held = this.#held ?? [];
    this.#held = null;
    for (const callback of held) {
      this.#in(callback);
      await setImmediate();
    }
  }

  /** As when the phone throws the tab away: no goodbye, no last word. */
  close() {
    this.#isClosed = true;
    this.#closing.abort();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** Everything that reaches the scripts from outside comes through here. */
  #in(callback) {
    if (this.#isClosed) return;
    if (this.#held) this.#held.push(callback);
    else callback();
  }

  #globals() {
    const tab = this;
    const { browser } = this;
    const shared = Object.fromEntries(DATABASE.map((name) => [name, globalThis[name]]));
    return {
      ...shared,
      indexedDB, AbortSignal, URL, URLSearchParams, TextEncoder, TextDecoder, Event, EventTarget, Blob, atob, structuredClone, queueMicrotask, console,
      crypto: globalThis.crypto,
      performance: globalThis.performance,
      localStorage: browser.storage,
      navigator: { locks: { request: (name, run) => browser.locks.request(name, run, tab.#closing.signal) }, onLine: true, userAgent: "rig" },
      location: { protocol: "http:", hostname: "127.0.0.1", port: String(browser.port), host: `127.0.0.1:${browser.port}`, href: `http://127.0.0.1:${browser.port}/` },
      document: this.document,
      addEventListener: (...what) => tab.window.addEventListener(...what),
      removeEventListener: (...what) => tab.window.removeEventListener(...what),
      fetch: (address, how) => tab.#fetch(address, how),
      WebSocket: socketOf(tab, (callback) => tab.#in(callback), tab.#closing.signal),
      setTimeout: (...what) => tab.#after(setTimeout, ...what),
      setInterval: (...what) => tab.#after(setInterval, ...what),
      clearTimeout: (number) => tab.#forget(number),
      clearInterval: (number) => tab.#forget(number),
    };
  }

  #after(start, callback, ms, ...given) {
    const number = (this.#number += 1);
    const isOnce = start === setTimeout;
    this.#timers.set(number, start(() => {
      this.#in(() => {
        if (!this.#timers.has(number)) return;
        if (isOnce) this.#timers.delete(number);
        callback(...given);
      });
    }, ms));
    return number;
  }

  #forget(number) {
    clearTimeout(this.#timers.get(number));
    this.#timers.delete(number);
  }

  #fetch(address, { method = "GET", headers = {}, body, signal } = {}) {
    const { browser } = this;
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return;
      const ends = AbortSignal.any([this.#closing.signal, signal ?? this.#closing.signal]);
      const told = { ...headers, Cookie: browser.cookies.header(), Origin: browser.origin, Connection: "keep-alive" };
      const at = new URL(address, `http://127.0.0.1:${browser.port}`);
      const asked = http.request(at, { method, headers: told, agent: browser.agent, signal: ends }, (answer) => {
        browser.cookies.take(answer.headers["set-cookie"]);
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", (fault) => this.#in(() => reject(fault)));
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode >= 400) this.note("turned away", { address, status: answer.statusCode, text: text.slice(0, 300) });
          this.#in(() => (answer.complete ? resolve(answerOf(answer, text)) : reject(new Error("cut"))));
        });
      });
      asked.on("error", (fault) => this.#in(() => reject(fault)));
      asked.end(body);
    });
  }
}

const answerOf = ({ statusCode: status, headers }, text) => ({
  status,
  ok: status >= 200 && status < 300,
  headers: { get: (name) => headers[name.toLowerCase()] ?? null },
  text: async () => text,
  json: async () => JSON.parse(text),
});

/** The browser's WebSocket, with the cookies it would send; every frame that names a conversation is noted. */
function socketOf(tab, into, closing) {
  const { browser } = tab;
  return class {
    constructor(address, protocols) {
      this.net = new NetSocket(address, protocols, { headers: { Cookie: browser.cookies.header(), Origin: browser.origin } });
      closing.addEventListener("abort", () => this.net.terminate());
      this.net.on("open", () => into(() => this.onopen?.({})));
      this.net.on("close", (code, reason) => into(() => this.onclose?.({ code, reason: String(reason) })));
      this.net.on("error", (fault) => into(() => this.onerror?.(fault)));
      this.net.on("message", (data) => {
        for (const [, conversation] of String(data).matchAll(CONVERSATION)) tab.note("heard", { conversation });
        into(() => this.onmessage?.({ data: String(data) }));
      });
    }

    get readyState() {
      return this.net.readyState;
    }

    send(data) {
      this.net.send(data);
    }

    close() {
      this.net.close();
      setTimeout(() => this.net.terminate(), 3_000).unref();
    }
  };
}
