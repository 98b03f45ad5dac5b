// Photos and PDFs in the form and on messages that wait: fetched when somebody first chooses one.
// A photo is drawn anew on the phone, smaller and without the place where it was taken.
import { newClientId, within } from "./chat_queue.js";
import { sendFiles } from "./chat_uploads.js";

const LONGEST_SIDE = 2000;
const QUALITY = 0.85;
const MOST_BYTES = 10_000_000;
/** Some phones never finish a photo that is too much for them: it goes as it is, and the server draws it. */
const DRAWN_WITHIN_MS = 15_000;

/** Its words stand on the page for when there is no net: the same for everybody, and kept by the phone. */
export async function start(writing) {
  const page = await fetch(`/uten-nett/${document.documentElement.lang}`).then((answer) => answer.text());
  const { dataset } = new DOMParser().parseFromString(page, "text/html").querySelector('[data-pattern="files"]');
  return new Files(writing, dataset);
}

class Files {
  /** writing: chat_writing.js; its form holds the list of what is chosen. */
  constructor(writing, words) {
    this.writing = writing;
    this.list = writing.composer.querySelector("[data-files]");
    this.words = words;
    this.chosen = [];
    for (const kept of this.list.querySelectorAll("input")) this.#add({ clientId: kept.value, words: kept.parentElement.textContent.trim() }, kept.closest("li"));
    this.list.replaceChildren(...this.chosen.map(({ row }) => row));
  }

  /** Takes what was chosen in the phone's own list of photos and files. */
  choose(chooser) {
    const files = [...chooser.files];
    chooser.value = ""; // the same photo may be chosen again
    this.writing.complain("");
    const room = Math.max(0, this.words.most - this.chosen.length);
    for (const file of files.slice(0, room)) this.#prepare(file);
    if (files.length > room) this.writing.complain(this.words.many); // said now, not when a net is back
    this.writing.field.focus();
  }

  get isDrawing() {
    return this.chosen.some((one) => one.isDrawing);
  }

  /** Sends the form when each photo is drawn; not when one was taken out meanwhile: she is to see that first. */
  async sendDrawn() {
    const { chosen } = this;
    await Promise.all(chosen.map(({ ready }) => ready));
    if (chosen === this.chosen) this.writing.composer.requestSubmit();
  }

  /** Empties the list; gives the files in it. */
  take() {
    const taken = this.chosen.map(({ file }) => file);
    this.chosen = [];
    this.#show();
    return taken;
  }

  /** What was not taken stands in the list again; the server may have let go of it meanwhile. */
  putBack(files) {
    for (const file of files) this.#add({ ...file, isReceived: false });
  }

  /** Draws a waiting message's files into its bubble, with how far each has come and a way to stop it. */
  draw(bubble, item) {
    item.bars = new Map();
    for (const file of item.files) {
      const row = make("p", { className: "file" }, make("span", { className: "bubble", textContent: this.#worded(file) }));
      const bar = make("progress", { max: 1, value: file.isReceived || !file.blob ? 1 : 0, ariaLabel: this.#worded(file) });
      row.append(bar);
      item.bars.set(file.clientId, bar);
      bubble.querySelector(".meta").before(row);
    }
    item.stopper = this.#button(this.words.cancel, () => this.#stop(item));
    bubble.append(item.stopper);
    this.writing.chat.bubbles.toEnd();
  }

  /** Sends a message's files. null: the server has them all; else the answer that stops the message. */
  async send(item, token) {
    if (item.isStopped) return { kind: "gone" };
    item.stopping = new AbortController();
    const told = (file, part) => {
      const bar = item.bars?.get(file.clientId);
      if (bar) bar.value = part;
    };
    const { outbox } = this.writing.sending;
    const answer = await sendFiles(item, { token, told, outbox, signal: item.stopping.signal });
    if (item.isStopped) return { kind: "gone" };
    if (answer === null) item.stopper?.remove(); // the message itself is on its way: from here it can be withdrawn
    return answer;
  }

  #stop(item) {
    item.isStopped = true;
    item.stopping?.abort();
    this.writing.putBack(item);
    this.writing.sending.outbox.drop(item.clientId);
    this.writing.wake();
  }

  /** The file stands in the list at once, and is made ready meanwhile. */
  #prepare(file) {
    const clientId = newClientId();
    const one = this.#add({ clientId, name: file.name, type: file.type, blob: file });
    one.isDrawing = true;
    one.ready = within(DRAWN_WITHIN_MS, shrunk(file), file).then((blob) => {
      one.isDrawing = false;
      Object.assign(one.file, { blob, type: blob.type });
      one.label.textContent = one.file.words = this.#worded(one.file);
      if (blob.size > MOST_BYTES && this.chosen.includes(one)) {
        this.#remove(one);
        this.writing.complain(this.words.large);
      }
    });
  }

  #add(file) {
    const label = make("span", { textContent: this.#worded(file) });
    const one = { file, label };
    const remove = this.#button(this.words.remove, () => this.#remove(one));
    remove.setAttribute("aria-label", `${this.words.remove}: ${this.#worded(file)}`);
    one.row = make("li", {}, label, remove);
    this.chosen.push(one);
    this.#show();
    return one;
  }

  #remove(one) {
    this.chosen = this.chosen.filter((other) => other !== one);
    this.#show();
    this.writing.field.focus();
  }

  #show() {
    this.list.replaceChildren(...this.chosen.map(({ row }) => row));
    this.list.hidden = this.chosen.length === 0;
  }

  #button(words, act) {
    const button = make("button", { type: "button", className: "ds-button", textContent: words });
    button.dataset.variant = "tertiary";
    button.addEventListener("click", act);
    return button;
  }

  #worded({ words, type = "", blob }) {
    if (words) return words;
    const kb = Math.ceil(blob.size / 1000);
    const size = kb < 1000 ? `${kb} KB` : `${Math.round(kb / 1000)} MB`;
    const kind = type === "application/pdf" ? this.words.pdf : this.words.image;
    return this.words.worded.replace("{kind}", kind).replace("{size}", `\u2066${size}\u2069`);
  }
}

/** A photo drawn anew, upright, at most 2 000 on a side. What this phone cannot draw goes as it is; the server can. */
async function shrunk(file) {
  if (file.type === "application/pdf") return file;
  try {
    const whole = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(whole.width, whole.height));
    const canvas = make("canvas", { width: Math.round(whole.width * scale), height: Math.round(whole.height * scale) });
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = "white";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(whole, 0, 0, canvas.width, canvas.height);
    whole.close();
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY))) ?? file;
  } catch {
    return file;
  }
}

function make(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
