// What a message is made of: stretches of text, safe links, files, and what stands beneath a phrase.

/** A stretch of text, or a link of the safe kinds that the server has already chosen. */
export function pieceOf({ text, href }) {
  if (!href || !/^(https?:\/\/|tel:|mailto:)/i.test(href)) return document.createTextNode(text);
  const link = document.createElement("a");
  link.href = href;
  link.rel = "noopener noreferrer nofollow";
  if (/^http/i.test(href)) link.target = "_blank";
  link.textContent = text;
  return link;
}

/** A photo or a PDF on a message: what it is and how large, and the way to it when it may be opened. */
export function fileOf({ id, words, note, opens }, drawing, isOwn) {
  const line = document.createElement("p");
  line.className = "file";
  line.innerHTML = '<a class="bubble" target="_blank" rel="noopener"><span></span></a><span class="note"></span>';
  const link = line.firstChild;
  if (opens) link.href = `/chat/fil/${id}`;
  link.prepend(drawing.cloneNode(true));
  link.lastChild.textContent = words;
  line.lastChild.textContent = isOwn && opens ? "" : note; // who sent it knows where it is from
  return line;
}

/** Fills the line beneath a phrase: what was done by saying it, and the way to do something about it. */
export function fillBeneath(line, seq, { text, action }) {
  const [words, way] = line.children;
  words.textContent = text;
  way.textContent = action;
  way.hidden = !action;
  way.href = way.href.replace("/melding/0", `/melding/${seq}`);
  return line;
}

/** Says beside a message's time what it is about. Where nothing was asked, no word stands ready. */
export function tellTopic(section, element, topic) {
  const word = section.querySelector(`template[data-topic-word="${topic}"]`);
  if (word) element.querySelector(".meta").append(word.content.cloneNode(true));
}

/** From where on a message is new: its place, or the change that gave it to another topic. */
export const turnOf = ({ dataset }) => Number(dataset.turn ?? dataset.seq ?? 0);
