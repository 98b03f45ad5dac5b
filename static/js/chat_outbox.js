// What was written and not yet received, kept on the phone: it outlives the tab, the browser and an empty battery.
// Each message belongs to the person who wrote it and is neither shown nor sent while somebody else is signed in.
import { openDB } from "idb";

const STORE = "outbox";
/** Says on every page, without opening the database, that something waits; see outbox.js. */
const FLAG = "outbox";

const open = () =>
  openDB("min-vei", 1, {
    upgrade: (database) => database.createObjectStore(STORE, { keyPath: "number", autoIncrement: true }).createIndex("clientId", "clientId"),
  });

export class Outbox {
  /** me: the person's public id. A phone that keeps nothing (private window, borrowed) gets an outbox that is empty. */
  constructor(me, { keeps = true } = {}) {
    this.me = me;
    this.database = keeps ? open().catch(() => null) : Promise.resolve(null);
  }

  /** Keeps a message {clientId, text, to: where it is posted}; done when it is safely stored. False: not kept. */
  async keep(item) {
    const database = await this.database;
    const kept = await database?.add(STORE, { ...item, me: this.me }).then(() => true, () => false);
    if (kept) localStorage.setItem(FLAG, this.me);
    return Boolean(kept);
  }

  /** Everything of hers that waits, in the order it was written; `to` narrows it to one conversation. */
  async waiting(to = null) {
    const all = (await (await this.database)?.getAll(STORE)) ?? [];
    return all.filter((item) => item.me === this.me && (to === null || item.to === to));
  }

  /** Whether a message still waits: another tab may have sent it. A phone that keeps nothing cannot tell: true. */
  async has(clientId) {
    const database = await this.database;
    return !database || (await database.countFromIndex(STORE, "clientId", clientId)) > 0;
  }

  /** Lets go of a message: the server has it, or its text stands in the field again. */
  async drop(clientId) {
    const database = await this.database;
    const number = await database?.getKeyFromIndex(STORE, "clientId", clientId);
    if (number !== undefined) await database.delete(STORE, number);
    if ((await this.waiting()).length === 0) localStorage.removeItem(FLAG);
  }

  /** Lets go of everything of hers: she signs out of this phone. */
  async forget() {
    for (const { clientId } of await this.waiting()) await this.drop(clientId);
    localStorage.removeItem(FLAG);
  }
}

/** One tab at a time sends what waits for one conversation. Without locks two tabs may send the same: once is kept. */
export const alone = (to, send) => (navigator.locks ? navigator.locks.request(`outbox ${to}`, send) : send());
