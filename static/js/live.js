// The one live connection of a page. It only hears; every write is an ordinary request. Whoever loses it asks the
// server again, so nothing here has to be dependable: it has to come back, calmly and not all at once.
import { io } from "socket.io-client";

const SLOWEST_MS = 30_000;

let shared = null;

/** The page's connection: on("up"), on("down"), on("chat:changed", …). Opened when first asked for. */
export function live() {
  shared ??= open();
  return shared;
}

function open() {
  const socket = io({
    transports: ["websocket"],
    reconnectionDelay: 1_000,
    reconnectionDelayMax: SLOWEST_MS,
    randomizationFactor: 0.5,
    timeout: 10_000,
  });
  const hearers = new Map();
  const tell = (name, data) => (hearers.get(name) ?? []).forEach((hear) => hear(data));
  let again = 0;
  let isClosed = false;
  const connect = () => isClosed || socket.connect();

  // The server is going down and says when to come back, each phone at a moment of its own.
  const comeBack = (afterMs) => {
    clearTimeout(again);
    again = setTimeout(connect, afterMs);
  };

  socket.on("connect", () => tell("up"));
  socket.on("disconnect", (reason) => {
    tell("down");
    // The library does not come back by itself when the server hung up; everything else it does itself.
    if (reason === "io server disconnect") comeBack(1_000 + Math.random() * 4_000);
  });
  socket.on("connect_error", () => {
    tell("down");
    // The server answered, and said no: whoever was signed in is so no longer. The library does not try again.
    if (!socket.active) tell("refused");
  });
  socket.on("server:drain", ({ retry_ms: afterMs }) => {
    socket.disconnect();
    comeBack(500 + Number(afterMs));
  });
  socket.onAny((name, data) => tell(name, data));

  // A phone that wakes up tries at once instead of waiting out its pause.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !socket.connected) connect();
  });
  window.addEventListener("online", connect);

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
    get isUp() {
      return socket.connected;
    },
  };
}
