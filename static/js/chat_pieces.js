// What a message is made of on the page: plain text, and safe links.

/** A stretch of text, or a link of the two safe kinds that the server has already chosen. */
export function pieceOf({ text, href }) {
  if (!href || !/^(https?:\/\/|tel:)/i.test(href)) return document.createTextNode(text);
  const link = document.createElement("a");
  link.href = href;
  link.rel = "noopener noreferrer nofollow";
  if (!href.toLowerCase().startsWith("tel:")) link.target = "_blank";
  link.textContent = text;
  return link;
}
