// What was written and not yet received, kept on the phone: it outlives the tab and the browser.
// Each message belongs to the person who wrote it and is neither shown nor sent while somebody else is signed in.
import { openDB } from "idb";
import { within } from "./chat_queue.js";

const STORE = "outbox";
const OPENS_WITHIN_MS = 3_000;
/** A word that is always there: app.js reads it on every page, without opening the database. */
const flagOf = (me) => `outbox ${me}`;

const upgrade = (database) =>
  database.createObjectStore(STORE, { keyPath: "number", autoIncrement: true }).createIndex("clientId", "clientId");

/** The database; null where the phone keeps nothing or does not answer. */
const open = () => within(OPENS_WITHIN_MS, openDB("min-vei", 1, { upgrade }), null).catch(() => null);

export class Outbox {
  /** me: the person's public id. A phone that keeps nothing (private window, borrowed) gets an outbox that is empty. */
  constructor(me, { keeps = true } = {}) {
    this.me = me;
    this.database = keeps ? open() : Promise.resolve(null);
  }

  /** Keeps a message {clientId, text, to: where it is posted, at: when it was written}; done when it is safely stored. False: not kept. */
  async keep(item) {
    try {
      const database = await this.database;
      const writing = database.transaction(STORE, "readwrite", { durability: "strict" });
      await Promise.all([writing.store.add({ ...item, me: this.me }), writing.done]);
      localStorage.setItem(flagOf(this.me), "waits");
      return true;
    } catch {
      return false;
    }
  }

  /** Everything of hers that waits, in the order it was written; `to` narrows it to one conversation. */
  async waiting(to = null) {
    const all = await this.#try((database) => database.getAll(STORE), []);
    return all.filter((item) => item.me === this.me && (to === null || item.to === to));
  }

  /** Whether a message still waits: another tab may have sent it. A phone that cannot tell says yes. */
  async has(clientId) {
    return (await this.#try((database) => database.countFromIndex(STORE, "clientId", clientId), 1)) > 0;
  }

  /** Lets go of a message: the server has it, or its text stands in the field again. */
  async drop(clientId) {
    await this.#try(async (database) => {
      const number = await database.getKeyFromIndex(STORE, "clientId", clientId);
      if (number !== undefined) await database.delete(STORE, number);
    });
    if ((await this.waiting()).length === 0) this.#unflag();
  }

  /** Lets go of everything of hers: she signs out of this phone. */
  async forget() {
    for (const { clientId } of await this.waiting()) await this.drop(clientId);
    this.#unflag();
  }

  #unflag() {
    localStorage.removeItem(flagOf(this.me));
  }

  /** A phone may close its database at any time; what cannot be asked then has the answer `otherwise`. */
  async #try(ask, otherwise) {
    try {
      return await ask(await this.database);
    } catch {
      return otherwise;
    }
  }
}

/** By then it may say something that is no longer so: its writer is asked before it is sent. */
const OLD_MS = 24 * 60 * 60 * 1000;

/** Whether a message {at: when it was written} has lain here for more than a day. */
export const isOld = ({ at }) => Date.now() - at > OLD_MS;

/** One tab at a time sends what waits for one conversation. Without locks two tabs may send the same: once is kept. */
export const alone = (to, send) => (navigator.locks ? navigator.locks.request(`outbox ${to}`, send) : send());
