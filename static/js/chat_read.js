// When something was read. The time belongs to the newest that the other side has read in a topic, so it stands there alone.
import { turnOf } from "./chat_pieces.js";

/** The newest message of each topic that the other side has read. me: who reads here; recipient: on staff's page, of whom it is. */
export function newestRead(messages, seenBy, { me, recipient }) {
  const isTheirs = (author) => (recipient ? author === recipient : author !== me);
  const newest = new Map();
  for (const element of messages) {
    const { topic = "plan", author } = element.dataset;
    const turn = turnOf(element);
    if (turn && !isTheirs(author) && turn <= (seenBy(topic).read_seq ?? 0)) newest.set(topic, element);
  }
  return new Set(newest.values());
}

/** Puts the time into «Lest», and the day when it is another than the day it was written. */
export function sayWhen(words, { at, on }, { readAt, writtenAt, dayOf, dayName, time }) {
  const isSameDay = dayOf.format(new Date(readAt)) === dayOf.format(new Date(writtenAt));
  const said = (isSameDay ? at : on).replace("{day}", dayName.format(new Date(readAt)));
  words.lastChild.textContent = said.replace("{time}", time(readAt));
}
