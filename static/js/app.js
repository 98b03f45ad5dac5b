// Finds every [data-module] and starts that behaviour on it. Pages work without any of this.
import { later } from "behaviours";
import { start as focusFirst } from "./focus-first.js";
import { start as heads } from "./heads.js";
import { start as menu } from "./menu.js";
import { start as sessionEnd } from "./session-end.js";
import { start as submitOnce } from "./submit-once.js";

const shell = { "focus-first": focusFirst, heads, menu, "session-end": sessionEnd, "submit-once": submitOnce };

export async function startIn(root) {
  const elements = [...root.querySelectorAll("[data-module]")];
  await Promise.allSettled(
    elements.flatMap((element) =>
      element.dataset.module.split(/\s+/).map(async (name) => {
        const start = shell[name] ?? (await later[name]?.())?.start;
        start?.(element);
      }),
    ),
  );
}

startIn(document);
new BroadcastChannel("pages").postMessage(document.querySelector("[data-who]")?.dataset.who ?? "");
