// One open conversation: the portal's own scripts, with a list in place of a screen. Bundled by bundle.mjs.
// What chat.js and chat_writing.js do on a page with their elements is done here with the list.
import { Hearing } from "portal-scripts/chat_hearing.js";
import { ChatLog } from "portal-scripts/chat_log.js";
import { Outbox } from "portal-scripts/chat_outbox.js";
import { Sending } from "portal-scripts/chat_sending.js";
import { sendFiles } from "portal-scripts/chat_uploads.js";
import { live } from "portal-scripts/live.js";

const MESSAGE = /<[a-z]+ [^>]*class="message[ "][^>]*>/g;
const attribute = (tag, name) => new RegExp(` ${name}=(?:"([^"]*)"|'([^']*)')`).exec(tag)?.slice(1).join("") ?? "";

/** What the server's page says: the conversation's box, its messages and the form's token. */
function read(html) {
  const box = /<div class="chat"[^>]*data-conversation[^>]*>/.exec(html)?.[0];
  if (!box) return null;
  const there = html.slice(html.indexOf(box)).replace(/<template[\s\S]*?<\/template>/g, "");
  const rows = [...there.matchAll(MESSAGE)].map(([tag]) => tag).filter((tag) => attribute(tag, "data-seq"));
  return {
    at: (name) => attribute(box, `data-${name}`).replaceAll("&#34;", '"'),
    keeps: / data-keeps[\s>]/.test(box),
    to: /<form class="composer"[^>]*action="([^"]+)"/.exec(there)?.[1],
    token: /name="csrf_token"[^>]*value="([^"]+)"/.exec(there)?.[1],
    rows: rows.map((tag) => ({
      seq: Number(attribute(tag, "data-seq")),
      rev: Number(attribute(tag, "data-rev") || attribute(tag, "data-seq")),
      client_id: attribute(tag, "data-client-id"),
      author: attribute(tag, "data-author"),
      turn: Number(attribute(tag, "data-turn")) || undefined,
      topic: attribute(tag, "data-topic") || undefined,
    })),
  };
}

const blobOf = (content, type) => new Blob([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], { type });

/** Sends one file, as sendFile of chat_uploads.js does by XMLHttpRequest, which is not there without a window. */
async function sendFile(address, file, { token }) {
  const part = (name, more = "") => `--of-the-rig\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const whole = new Blob([
    part("client_id"), file.clientId, "\r\n",
    part("file", `; filename="${file.name}"\r\nContent-Type: ${file.type}`), file.blob, "\r\n--of-the-rig--\r\n",
  ]);
  const headers = { Accept: "application/json", "X-CSRFToken": token, "Content-Type": "multipart/form-data; boundary=of-the-rig" };
  try {
    const body = new Uint8Array(await whole.arrayBuffer());
    const answer = await fetch(address, { method: "POST", headers, body, signal: AbortSignal.timeout(20_000) });
    return { status: answer.status, data: await answer.json().catch(() => ({})), retryAfter: Number(answer.headers.get("Retry-After") ?? 0) };
  } catch {
    return { status: 0, data: {}, retryAfter: 0 };
  }
}

class Page {
  #note;
  #address;
  #asked;

  /** note(kind, facts): writes a line in the actor's log. */
  constructor(note, address) {
    this.#note = note;
    this.#address = address;
    this.waiting = new Map();
    this.rows = new Map();
  }

  /** Opens the page; nothing of it runs yet. False: no such page, or no net. */
  async load() {
    const answer = await fetch(this.#address).catch(() => null);
    this.#asked = answer?.status === 200 ? read(await answer.text()) : null;
    return this.#asked !== null;
  }

  run() {
    const { at, keeps, to, token, rows } = this.#asked;
    this.me = at("me");
    this.token = token;
    this.conversation = at("conversation");
    for (const row of rows) this.#draw(row);
    this.outbox = new Outbox(this.me, { keeps });
    const connection = live();
    const by = { live: connection, conversation: this.conversation };
    this.sending = new Sending({ to, by, outbox: this.outbox, page: this });
    const log = new ChatLog(Number(at("upto")), rows);
    log.further(JSON.parse(at("marks")));
    const told = { read: Number(at("own-read")), delivered: Number(at("own-delivered")) };
    const where = { conversation: this.conversation, changes: at("changes"), progress: at("progress") };
    for (const what of ["up", "down", "refused"]) connection.on(what, () => this.#note(`live ${what}`));
    this.hearing = new Hearing(connection, where, { log, told, page: this });
    for (const name of ["focus", "online"]) window.addEventListener(name, () => this.hearing.look());
    document.addEventListener("visibilitychange", () => this.hearing.look());
    this.sending.takeUp();
  }

  /** letter: {text, topic, phrase, values, files: [{id, type, mark, content}]}. */
  write({ text, topic, phrase, values, files }) {
    const papers = files.map(({ id, type, content }) => ({ clientId: id, name: "fil", type, blob: blobOf(content, type) }));
    const { clientId } = this.sending.write(text, topic, papers, phrase ? { phrase, values } : {});
    const meant = { text, topic, phrase, values, files: files.map(({ id, mark }) => ({ id, mark })) };
    this.#note("intent", { id: clientId, ...meant, conversation: this.conversation, author: this.me });
    return clientId;
  }

  /** How far it has come, without what it shows: asked for often. */
  async progress() {
    return {
      waiting: [...this.waiting.keys()],
      outbox: (await this.outbox.waiting(this.sending.to)).map(({ clientId }) => clientId),
      rev: this.hearing.log.rev,
      isUp: this.hearing.connection.isUp,
      isLeft: this.hearing.isStopped,
    };
  }

  rowsInOrder() {
    return [...this.rows.values()].sort((one, other) => one.seq - other.seq);
  }

  // --- What hearing asks of the page ---

  get isVisible() {
    return document.visibilityState === "visible";
  }

  newestSeen() {
    return this.hearing.log.newestTurn;
  }

  show(rows) {
    for (const row of rows) this.#draw(row);
    for (const row of rows) this.#note("shown", { seq: row.seq, rev: row.rev, id: row.client_id, conversation: this.conversation });
  }

  reached() {}

  wake() {
    this.sending.queue.wake();
  }

  hasRead() {}

  leave() {
    if (this.hearing.isStopped) return;
    this.hearing.stop();
    this.rows.clear();
    this.#note("left");
  }

  async comeBack() {
    if (!(await this.refreshToken()) || !this.hearing.isStopped) return;
    this.#note("came back");
    this.hearing.goOn();
  }

  // --- What sending asks of the page ---

  drawn() {
    return [...this.rows.values()];
  }

  line(item, state) {
    this.waiting.set(item.clientId, state);
    if (item.isKept) this.#note("kept", { id: item.clientId });
  }

  async refreshToken() {
    const answer = await fetch(this.#address).catch(() => null);
    if (answer === null || answer.status >= 500) return null;
    const there = read(await answer.text());
    if (there?.at("me") !== this.me || there.at("conversation") !== this.conversation) return false;
    this.token = there.token;
    return true;
  }

  sendFiles(item) {
    return sendFiles(item, { token: this.token, outbox: this.outbox, send: sendFile });
  }

  settled(kind, item, outcome) {
    this.#note(kind, { id: item.clientId, seq: outcome?.change?.seq, rev: outcome?.change?.rev, reason: outcome?.reason });
    if (kind === "signed-out") this.leave();
    if (kind === "gone" || kind === "refused") this.waiting.delete(item.clientId);
    if (kind === "gone") this.hearing.look();
    if (kind === "stored") {
      if (this.hearing.isStopped) this.hearing.look();
      this.hearing.hear({ upto: outcome.change.rev, changes: [outcome.change] });
    }
  }

  #draw(row) {
    if (row.isHidden) return void this.rows.delete(row.seq);
    if (row.author === this.me) this.waiting.delete(row.client_id);
    const { seq, rev, client_id: id, withdrawn_at: withdrawn, topic = "plan", pieces, files } = row;
    // What a page was drawn with is the server's own writing: of that only the numbers are read.
    const says = pieces?.map((piece) => piece.text).join("");
    this.rows.set(seq, { seq, rev, id, topic, says, files: files?.map((file) => [file.id, file.opens]), withdrawn: Boolean(withdrawn) });
  }
}

globalThis.newPage = (note, address) => new Page(note, address);

/** A page without a conversation, with its live connection open: what comes over it is noted by the tab. */
globalThis.listenOnly = () => void live();
