// The one live connection of a page. Whoever loses it, or gets no answer by it, asks the server by an ordinary
// request, so nothing here has to be dependable: it has to come back, calmly and not all at once.
import { io } from "socket.io-client";

const SLOWEST_MS = 30_000;
const SOON = 4; // a server that was killed is back within seconds: so many pauses before they grow
const ANSWER_WITHIN_MS = 4_000;

let shared = null;

/** The page's connection: on("up"), on("down"), on("chat:changed", …). Opened when first asked for. */
export function live() {
  shared ??= open();
  return shared;
}

function open() {
  // The library's own way back waits up to a minute and cannot be hurried (its connect() does nothing meanwhile).
  const socket = io({ transports: ["websocket"], reconnection: false, timeout: 10_000 });
  const hearers = new Map();
  const tell = (name, data) => (hearers.get(name) ?? []).forEach((hear) => hear(data));
  let again = 0;
  let tries = 0;
  let isClosed = false;
  let isDoubtful = false;
  const connect = () => isClosed || socket.connect();

  const comeBack = (afterMs) => {
    clearTimeout(again);
    again = setTimeout(connect, afterMs);
  };
  const comeBackLater = () => comeBack(Math.min(SLOWEST_MS, 1_000 * 2 ** Math.max(0, tries++ - SOON)) * (0.5 + Math.random()));
  // Tries at once instead of waiting out the pause. A try that is under way goes on.
  const wake = () => {
    tries = 0;
    if (!socket.connected) connect();
  };

  socket.on("connect", () => {
    tries = 0;
    isDoubtful = false;
    tell("up");
  });
  socket.on("disconnect", () => {
    tell("down");
    comeBackLater();
  });
  socket.on("connect_error", () => {
    tell("down");
    // The server answered, and said no: whoever was signed in is so no longer, or has too many pages open.
    if (!socket.active) tell("refused");
    comeBackLater();
  });
  // The server is going down and says when to come back, each phone at a moment of its own.
  socket.on("server:drain", ({ retry_ms: afterMs }) => {
    socket.disconnect();
    comeBack(500 + Number(afterMs));
  });
  socket.onAny((name, data) => tell(name, data));

  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
  window.addEventListener("online", wake);

  return {
    on(name, hear) {
      hearers.set(name, [...(hearers.get(name) ?? []), hear]);
    },
    close() {
      isClosed = true;
      clearTimeout(again);
      socket.disconnect();
    },
    open() {
      isClosed = false;
      socket.connect();
    },
    wake,
    /** Asks by it: {status, data, retryAfter}, as an ordinary request does. null: no answer, so it may have arrived or not. */
    async ask(name, data) {
      if (!socket.connected || isDoubtful || navigator.onLine === false) return null;
      const told = await socket.timeout(ANSWER_WITHIN_MS).emitWithAck(name, data).catch(() => null);
      isDoubtful = !told; // until it has been opened anew
      return told && { status: told.ok ? 200 : told.status, data: told, retryAfter: told.retry_after };
    },
    get isUp() {
      return socket.connected;
    },
  };
}
