// Only the kinds of links that the server chooses are ever links on the page.
import assert from "node:assert/strict";
import { pieceOf } from "../../static/js/chat_pieces.js";

globalThis.document = { createTextNode: (text) => ({ text }), createElement: () => ({}) };

for (const href of ["https://nav.no", "tel:55553333", "mailto:navn@nav.no"]) {
  const { href: way, target, textContent } = pieceOf({ text: "her", href });
  assert.deepEqual([way, target, textContent], [href, href.startsWith("https") ? "_blank" : undefined, "her"]);
}
for (const href of ["javascript:alert(1)", "data:text/html,x", "mailtox:y", "//nav.no", undefined]) {
  assert.deepEqual(pieceOf({ text: "her", href }), { text: "her" });
}
