// Sends messages one after the other, in the order they were written, each until the server has it or says no.
// The same id goes with every try, so however often an answer is lost, it stays one message. No page in here.

/** A server that could not store anything for a while has everything a few seconds after it can again. */
const SLOWEST_MS = 3_000;
/** The server has it, it said no, or another tab has sent it: the next one's turn. */
export const DONE = new Set(["stored", "refused", "gone"]);

/** What the server is told of a message, or of a phrase and how long it has waited by this phone's own clock. */
export function bodyOf({ clientId, text, topic, files = [], phrase, values, tellsCentre, at }, now = Date.now()) {
  if (!phrase) return { client_id: clientId, text, topic, files: files.map((one) => one.clientId) };
  const age = Math.max(0, Math.round((now - at) / 1000));
  return { client_id: clientId, topic, phrase, values, tells_centre: tellsCentre, age_s: age };
}


/** What an answer means. status 0: there was none. */
export function outcomeOf(status, data = {}, retryAfterSeconds = 0) {
  if ((status === 200 || status === 201) && data.change) return { kind: "stored", change: data.change };
  if (status === 401) return { kind: "signed-out" };
  if (status === 400 && data.error === "form.too_long_open") return { kind: "old-token" };
  if (status === 429) return { kind: "later", afterMs: Math.max(1, retryAfterSeconds) * 1000 };
  if (status >= 400 && status < 500) return { kind: "refused", reason: data.text ?? "" };
  return { kind: "later" };
}

export class SendQueue {
  /** post(item) → outcome; wait(ms) → promise that also ends when wake() is called; told(kind, item, outcome). */
  constructor({ post, told, wait = pause, random = Math.random }) {
    this.items = [];
    this.#post = post;
    this.#told = told;
    this.#wait = wait;
    this.#random = random;
  }

  #post;
  #told;
  #wait;
  #random;
  #running = false;
  #tries = 0;
  #signedOut = false;
  #wake = null;

  /** Puts a message {clientId, text} last and starts sending. */
  add(item) {
    this.items.push(item);
    this.#run();
  }

  /** Tries at once: the net is back, or the person has come back to the page. */
  wake() {
    this.#tries = 0;
    this.#signedOut = false;
    this.#wake?.();
    this.#run();
  }

  get isEmpty() {
    return this.items.length === 0;
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    while (this.items.length > 0 && !this.#signedOut) await this.#tryFirst();
    this.#running = false;
  }

  async #tryFirst() {
    const item = this.items[0];
    const outcome = await this.#post(item).catch(() => ({ kind: "later" })); // the same id again does no harm
    if (DONE.has(outcome.kind)) {
      this.items.shift();
      this.#tries = 0;
    }
    if (outcome.kind === "signed-out") this.#signedOut = true;
    try {
      this.#told(outcome.kind, item, outcome);
    } catch (fault) {
      tell(fault);
    }
    if (outcome.kind === "later" || outcome.kind === "old-token") await this.#pause(outcome.afterMs);
  }

  #pause(afterMs) {
    const backoff = Math.min(SLOWEST_MS, 1000 * 2 ** this.#tries++);
    const woken = new Promise((resolve) => {
      this.#wake = resolve;
    });
    return Promise.race([woken, this.#wait(afterMs ?? backoff * (0.75 + this.#random() / 2))]);
  }
}

const pause = (ms, what) => new Promise((resolve) => setTimeout(resolve, ms, what));

/** What a promise brings, or `otherwise` when that has not come in so many milliseconds. */
export const within = (ms, promise, otherwise) => Promise.race([promise, pause(ms, otherwise)]);

/** A fault in drawing is told, and stops nobody's messages. */
export const tell = (fault) => setTimeout(() => { throw fault; });

/** A new id for a message. randomUUID is missing on plain http, where a demo may be shown. */
export function newClientId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const digit = () => (crypto.getRandomValues(new Uint8Array(1))[0] & 15).toString(16);
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, digit);
}
