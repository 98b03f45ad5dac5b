// The page that is shown when there is no net, at whatever address she wanted. It is the same for everybody; what is
// hers comes from this phone alone, and only while she is signed in on it.
import { draftOf } from "./chat_draft.js";
import { Outbox } from "./chat_outbox.js";
import { newClientId } from "./chat_queue.js";
import { keep, kept, newNonce, send, tell } from "./kept.js";
import { known } from "./known.js";

const LOOK_EVERY_MS = 10_000;
const LEAVING = "/logg-ut";
const RECEIPT_MS = 2_000;

const main = document.querySelector("main");
const part = (name) => main.querySelector(`[data-${name}]`);
const isLeaving = location.pathname === LEAVING;
/** A code that was scanned where no net was: whose it is, its half-minute, and its proof. */
const scanned = location.pathname.match(/^\/inn\/([\w-]+\.[0-9a-f]+\.[\w-]+)$/)?.[1];

let isTold = false;
const her = isLeaving ? null : known();
part("leaving").hidden = !isLeaving;
part("again").addEventListener("click", tryAgain);
if (her) showHers();
if (scanned) keepScan();

window.addEventListener("online", look);
document.addEventListener("visibilitychange", look);
setInterval(look, LOOK_EVERY_MS);

/** The net is asked, not the phone: a phone may call itself online where nothing gets through. */
async function look() {
  if (document.visibilityState !== "visible") return;
  const isBack = await fetch("/live", { cache: "no-store", signal: AbortSignal.timeout(8_000) }).then((one) => one.ok, () => false);
  if (!isBack) return;
  if (part("text").value.trim()) part("back").hidden = false; // she is writing: nothing is taken from under her thumbs
  else tryAgain();
}

function tryAgain() {
  if (isLeaving) leave();
  else if (scanned) sendScan();
  else location.reload();
}

/** Kept with the time at which this page was asked for, which is when she scanned. */
function keepScan() {
  const at = new Date(performance.timeOrigin).toISOString();
  const item = kept().find((one) => one.code === scanned) ?? { code: scanned, at, nonce: newNonce(), who: her?.who ?? "" };
  const saved = item.who ? "scan" : "nobodys-scan";
  part(keep(item) ? saved : "full-scan").hidden = false;
}

async function sendScan() {
  const item = kept().find((one) => one.code === scanned);
  if (isTold) return;
  const told = item ? await send(item) : { state: "sign_in", next: "/oppmote" };
  if (told.state === "later" || told.state === "not_yours") return;
  isTold = true;
  part("scan").hidden = part("nobodys-scan").hidden = true;
  if (["refused", "taken_back"].includes(told.state)) return tell(told);
  if (told.state !== "received") return location.replace(told.next);
  part("received").hidden = false;
  setTimeout(() => location.replace(told.next), RECEIPT_MS);
}

/** Signs out as the form would have done. Its token is that of the visit, so any page of ours has it. */
async function leave() {
  const page = await fetch("/logg-inn", { cache: "no-store" }).then((one) => one.text()).catch(() => "");
  const token = new DOMParser().parseFromString(page, "text/html").querySelector("[name=csrf_token]");
  if (!token) return;
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: LEAVING, hidden: true });
  form.append(token);
  document.body.append(form);
  form.submit();
}

/** What waits to be sent, and a field for one message more. */
async function showHers() {
  const outbox = new Outbox(her.who);
  const list = part("waiting");
  const clock = new Intl.DateTimeFormat(document.documentElement.lang + "-u-nu-latn", { dateStyle: "short", timeStyle: "short", hourCycle: "h23", timeZone: "Europe/Oslo" });
  for (const item of await outbox.waiting()) show(item);
  if (her.to) openField();

  function show({ text, at, files = [] }) {
    const line = main.querySelector('[data-pattern="waiting"]').content.firstElementChild.cloneNode(true);
    line.querySelector(".bubble").textContent = [text, ...files.map(({ words }) => words)].filter(Boolean).join("\n");
    if (at) line.querySelector("[data-at]").textContent = clock.format(at);
    list.append(line);
    part("unsent").hidden = false;
  }

  function openField() {
    const form = part("write");
    const field = part("text");
    const draft = draftOf(her.who, her.to);
    field.value = draft.text;
    form.hidden = false;
    field.addEventListener("input", () => (draft.text = field.value));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = field.value;
      if (!text.trim()) return field.focus();
      const item = { clientId: newClientId(), text, to: her.to, at: Date.now() };
      const isKept = known()?.who === her.who && (await outbox.keep(item));
      part("full").hidden = isKept;
      if (!isKept) return;
      show(item);
      field.value = draft.text = "";
      look();
    });
  }
}
