// The open board: hears that something has changed, asks what, and changes only those rows. The server is the truth.
import { Taps } from "./board_taps.js";
import { live } from "./live.js";

const CALM_MS = 30_000;
const RETRY_MS = 3_000;
const ASKS_JSON = { Accept: "application/json" };

export function start(board) {
  const rows = board.querySelector("tbody");
  const status = board.querySelector("[data-status]");
  const { changesUrl, centre, liveText, lostText } = board.dataset;
  let version = board.dataset.version;
  let asking = false;
  let askedMeanwhile = false;
  let again = 0;
  let isLive = false;

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  const lost = () => say(lostText);

  async function refresh() {
    if (asking) {
      askedMeanwhile = true;
      return;
    }
    asking = true;
    clearTimeout(again);
    let waitMs = isLive ? CALM_MS : RETRY_MS;
    try {
      do {
        askedMeanwhile = false;
        const answer = await fetch(`${changesUrl}?since=${version}`, { headers: ASKS_JSON });
        if ([401, 403, 404].includes(answer.status)) return location.reload();
        if (!answer.ok) throw new Error(answer.statusText);
        show(await answer.json());
        taps.wake();
      } while (askedMeanwhile);
    } catch {
      lost();
      waitMs = RETRY_MS;
    } finally {
      asking = false;
    }
    again = setTimeout(refresh, waitMs);
  }

  function show(news) {
    say(liveText);
    version = news.version;
    if (news.changed) draw(news);
    taps.mark();
  }

  function draw(news) {
    for (const shown of board.querySelectorAll("[data-stat]")) shown.textContent = news.counts[shown.dataset.stat];
    const parsed = document.createElement("template");
    parsed.innerHTML = news.rows;
    const drawn = [...parsed.content.children];
    board.querySelector("[data-empty]").hidden = drawn.length > 0;
    board.querySelector("[data-list]").hidden = drawn.length === 0;
    let place = rows.firstElementChild;
    for (const fresh of drawn) {
      const isInPlace = place?.id === fresh.id;
      const row = rowFor(fresh);
      if (isInPlace) place = row.nextElementSibling;
      else rows.insertBefore(row, place);
    }
    while (place) {
      const gone = place;
      place = place.nextElementSibling;
      gone.remove();
    }
  }

  /** The row as it stands when nothing in it changed, so that focus and a finger on a button stay where they are. */
  function rowFor(fresh) {
    const old = document.getElementById(fresh.id);
    if (old?.dataset.state === fresh.dataset.state) return old;
    fresh.dataset.fresh = "";
    if (!old) return fresh;
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("button")?.focus();
    return fresh;
  }

  const taps = new Taps(board, { answered: show, unanswered: lost });
  const socket = live();
  socket.on("board:changed", (change) => {
    if (change.centre === centre) refresh();
  });
  socket.on("up", () => {
    isLive = true;
    refresh();
  });
  socket.on("down", () => {
    if (!isLive) return;
    isLive = false;
    lost();
    refresh();
  });
  socket.on("refused", refresh);
  window.addEventListener("offline", lost);
  window.addEventListener("online", refresh);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") refresh();
  });
  again = setTimeout(refresh, CALM_MS);
}
