// The open board: hears that something has changed, asks what, and changes only those rows. The server is the truth.
import { Find } from "./board_find.js";
import { Picks } from "./board_picks.js";
import { Taps } from "./board_taps.js";
import { live } from "./live.js";

const CALM_MS = 30_000;
const RETRY_MS = 3_000;
/** In the rush fifty come in a minute, and each is told: asked about together, still well within a second. */
const AT_LEAST_APART_MS = 300;
/** When the server is busy, boards ask less often, so that those who check in come first. */
const TIMES_AS_LONG = 4;
const AT_MOST_APART_MS = 1_500;
/** A screen reader hears how many are here, not every arrival. */
const SAID_APART_MS = 20_000;
/** For how long a button that took another's place does nothing. */
const REST_MS = 2_000;
const ASKS_JSON = { Accept: "application/json" };

export function start(board) {
  const rows = board.querySelector("tbody");
  const status = board.querySelector("[data-status]");
  const said = board.querySelector("[data-said]");
  const { changesUrl, centre, on, liveText, lostText, countsText } = board.dataset;
  let version = board.dataset.version;
  let asking = false;
  let askedMeanwhile = false;
  let again = 0;
  let isLive = false;
  let rightAt = new Date();
  let saysAgain = 0;

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  const lost = () => say(lostText.replace("{time}", clock(rightAt)));

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
        const began = performance.now();
        const answer = await fetch(`${changesUrl}&since=${version}`, { headers: ASKS_JSON });
        if ([401, 403, 404].includes(answer.status)) return location.reload();
        if (!answer.ok) throw new Error(answer.statusText);
        show(await answer.json());
        taps.wake();
        const tookMs = performance.now() - began;
        await pause(Math.max(AT_LEAST_APART_MS - tookMs, Math.min(AT_MOST_APART_MS, TIMES_AS_LONG * tookMs)));
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
    // A new day has begun on a board that was left open, or this is another day's answer.
    if (news.on !== on) return location.reload();
    // The centre is closed today after all, or open: the page says so above the list.
    if (news.open !== undefined && String(news.open) !== board.dataset.open) return location.reload();
    rightAt = new Date();
    say(liveText);
    version = news.version;
    if (news.receipt !== undefined) board.querySelector("[data-receipt]").innerHTML = news.receipt;
    if (news.changed) draw(news);
    taps.mark();
  }

  function draw(news) {
    for (const shown of board.querySelectorAll("[data-stat]")) shown.textContent = news.counts[shown.dataset.stat];
    board.querySelector("[data-letters]").innerHTML = news.letters;
    const parsed = document.createElement("template");
    parsed.innerHTML = news.rows;
    const fresh = new Map([...parsed.content.children].map((row) => [row.id, row]));
    board.querySelector("[data-empty]").hidden = news.order.length > 0;
    board.querySelector("[data-list]").hidden = news.order.length === 0;
    let place = rows.firstElementChild;
    for (const id of news.order.map((name) => `p-${name}`)) {
      const isInPlace = place?.id === id;
      const row = fresh.has(id) ? rowFor(fresh.get(id)) : document.getElementById(id);
      if (!row) return fetchAll();
      if (isInPlace) place = row.nextElementSibling;
      else rows.insertBefore(row, place);
    }
    while (place) {
      const gone = place;
      place = place.nextElementSibling;
      remove(gone);
    }
    picks.count();
    find.apply();
    sayCounts(news.counts);
  }

  /** A row is missing, as when two answers crossed: all of them are fetched. */
  function fetchAll() {
    version = "";
    refresh();
  }

  /** The row as it stands when nothing in it changed, so that focus and a finger on a button stay where they are. */
  function rowFor(fresh) {
    const old = document.getElementById(fresh.id);
    if (old?.dataset.state === fresh.dataset.state) return old;
    fresh.dataset.fresh = "";
    if (!old) return fresh;
    const held = old.contains(document.activeElement) ? document.activeElement.tagName : "";
    for (const box of fresh.querySelectorAll("[type=checkbox]")) box.checked = picks.isTicked(old);
    old.replaceWith(fresh);
    rest(fresh);
    if (held) ([...fresh.querySelectorAll(held)].at(-1) ?? fresh.querySelector("th a")).focus();
    return fresh;
  }

  /** Who leaves this part of the board takes no focus along: it goes to the next name, where a key does no harm. */
  function remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const hadFocus = row.contains(document.activeElement);
    row.remove();
    if (next && taps.isJustMade(row.id)) rest(next);
    if (hadFocus) (next?.querySelector("th a") ?? board.querySelector("[data-list]")).focus();
  }

  function sayCounts(counts) {
    clearTimeout(saysAgain);
    saysAgain = setTimeout(() => {
      said.textContent = countsText.replace("{here}", counts.here).replace("{expected}", counts.expected);
    }, SAID_APART_MS);
  }

  const find = new Find(board);
  const picks = new Picks(board);
  board.addEventListener("click", (event) => {
    if (event.target.closest("a[aria-disabled]")) event.preventDefault();
    const close = event.target.closest("[data-close]");
    if (!close) return;
    event.preventDefault();
    close.closest("[data-receipt]").replaceChildren();
  });
  const taps = new Taps(board, { answered: show, unanswered: lost, since: () => version });
  const socket = live();
  socket.on("board:changed", (change) => {
    if (change.centre === centre && change.on === on) refresh();
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

/** A finger that comes down once more was meant for the button that stood there a moment ago. */
function rest(row) {
  for (const button of row.querySelectorAll(".actions .ds-button")) {
    button.setAttribute("aria-disabled", "true");
    setTimeout(() => button.removeAttribute("aria-disabled"), REST_MS);
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The clock on the wall in Norway, written as the page writes it. */
function clock(at) {
  const time = at.toLocaleTimeString("en-GB", { timeZone: "Europe/Oslo", hour: "2-digit", minute: "2-digit" });
  return document.documentElement.lang === "nb" ? time.replace(":", ".") : time;
}
