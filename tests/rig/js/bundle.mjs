// Puts a page of the rig and the portal's own scripts into one file: node bundle.mjs OUT [FAULT].
// FAULT names a deliberate mistake, made in the portal's script on its way into the file; the checker must see it.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const scripts = join(here, "..", "..", "..", "static", "js");

/** Fetches only before the live connection is up, and heeds no word of how far the server is: what comes between is never heard of. */
const FETCH_BEFORE_JOIN = [
  { file: "chat_hearing.js", from: "    this.page.wake();\n    this.catchUp();\n  }\n\n  /** Without", to: "  }\n\n  /** Without" },
  { file: "chat_log.js", from: "gap: this.head > this.rev", to: "gap: this.early.size > 0" },
];
/** Sends without waiting for the one before: whatever fails comes later than what was written after it. */
const ORDER_OFF = [
  {
    file: "chat_queue.js",
    from: "await this.#tryFirst()",
    to: `{
      const item = this.items.shift();
      this.#post(item).then((outcome) => {
        this.#told(outcome.kind, item, outcome);
        if (!DONE.has(outcome.kind)) setTimeout(() => this.add(item), 1000);
      });
    }`,
  },
  { file: "chat_sending.js", from: "const place = waiting.findIndex(({ clientId }) => clientId === item.clientId);", to: "const place = 0;" },
];
const FAULTS = { "fetch-before-join": FETCH_BEFORE_JOIN, "order-off": ORDER_OFF };

const [out, fault] = process.argv.slice(2);

const wrongly = (mistakes) => ({
  name: "wrongly",
  setup(build) {
    for (const { file, from, to } of mistakes) {
      build.onLoad({ filter: new RegExp(`static/js/${file.replace(".", "\\.")}$`) }, ({ path }) => {
        const right = readFileSync(path, "utf8");
        if (right.split(from).length !== 2) throw new Error(`${file} does not hold «${from}» once: make the mistake anew`);
        return { contents: right.replace(from, () => to) };
      });
    }
  },
});

await esbuild.build({
  entryPoints: [join(here, "page.mjs")],
  outfile: out,
  bundle: true,
  format: "iife",
  platform: "browser",
  target: "es2022",
  alias: { "portal-scripts": scripts },
  plugins: fault ? [wrongly(FAULTS[fault])] : [],
  logLevel: "error",
});
