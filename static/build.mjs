// Builds static/dist: style sheets, scripts and icons with hashed names, each with .br and .gz beside it, and
// manifest.json that tells the server which name is current. Run: node static/build.mjs
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const installed = join(root, "node_modules");
const work = mkdtempSync(join(tmpdir(), "minvei-assets-"));
const dist = join(here, "dist");
const written = new Set();

/** A running server still hands out what it found at its start, so files of older builds stay this long. */
const KEEP_OLD_MS = 60 * 60 * 1000;

/** Name in templates → drawing in @navikt/aksel-icons. Add a line here to use one more. */
const ICONS = {
  home: "House", plan: "Tasklist", chat: "Chat", rights: "FileParagraph", language: "Language", phone: "Phone",
  check: "Checkmark", checks: "CheckmarkCircle", arrow: "ArrowRight", back: "ArrowLeft", down: "ChevronDown",
  send: "PaperplaneFill", clock: "Clock", person: "Person", people: "PersonGroup", qr: "QrCode", help: "Lifebuoy",
  calendar: "Calendar", leave: "Leave", inbox: "Inbox", board: "PersonCheckmark", eye: "Eye", clip: "Paperclip",
};

/** Behaviours of the shell: small and on every page, so they travel inside app.js. All others are fetched when used. */
const IN_SHELL = ["menu", "submit-once", "focus-first", "heads", "session-end"];

/** What a phone keeps of us for when there is no net: what the page that says so needs, and nothing else. */
const SHELL = ["css/recipient.css", "js/app.js", "js/offline.js", "js/sign-out.js", "icons.svg"];

/** The theme comes from our colours in static/theme; it is remade only when they or the library change. */
function buildTheme() {
  const config = join(here, "theme", "designsystemet.config.json");
  const tool = join(installed, "@digdir", "designsystemet");
  const key = hashOf(readFileSync(config) + readFileSync(join(tool, "package.json"), "utf8"));
  const kept = join(installed, ".cache", `minvei-theme-${key}.css`);
  if (existsSync(kept)) return kept;
  const run = (...args) =>
    execFileSync(process.execPath, [join(tool, "dist", "bin", "designsystemet.js"), "tokens", ...args], { cwd: work, stdio: "pipe" });
  writeFileSync(join(work, "theme.config.json"), readFileSync(config));
  run("create", "--config", "theme.config.json");
  run("build", "--config", "theme.config.json", "-t", "design-tokens", "-o", "theme");
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, readFileSync(join(work, "theme", "minvei.css")));
  return kept;
}

const SHEETS = ["css/recipient.css", "css/staff.css"];
const valuesAskedFor = (css) => new Set([...css.matchAll(/var\(\s*(--[\w-]+)/g)].map(([, name]) => name));

/** The theme without the values that nothing asks for: half of them. What used only those goes too. */
async function usedTheme(theme) {
  const entryPoints = SHEETS.map((file) => join(here, file));
  const result = await esbuild.build({ ...COMMON, entryPoints, outdir: work, external: ["minvei-theme"] });
  const sheets = result.outputFiles.map((file) => file.text).join();
  let css = readFileSync(theme, "utf8");
  for (let before = ""; before !== css; ) {
    before = css;
    const asked = valuesAskedFor(sheets + css);
    css = css.replace(/(--ds-[\w-]+):[^;{}]*(;|(?=\}))/g, (value, name) => (asked.has(name) ? value : ""));
  }
  const used = join(work, "theme.css");
  writeFileSync(used, css);
  return used;
}

/** Each static/js file with a start() that is not in the shell: a page fetches it when it is used. */
function behaviours() {
  return readdirSync(join(here, "js"))
    .filter((file) => file.endsWith(".js") && file !== "app.js" && !IN_SHELL.includes(basename(file, ".js")))
    .filter((file) => /export (async )?function start\b/.test(readFileSync(join(here, "js", file), "utf8")));
}

/** Which file in static/ a built behaviour comes from. */
const sourceOf = (built) => `js/${built.replace(/-[^-]*$/, "")}.js`;

/** The map of behaviours that app.js reads, with the names they were built under. */
function behavioursPlugin(built) {
  const name = /^behaviours$/;
  const lines = built.map((file) => `${JSON.stringify(file.replace(/-[^-]*$/, ""))}: () => import("./${file}")`);
  return {
    name: "behaviours",
    setup(build) {
      build.onResolve({ filter: name }, () => ({ path: "behaviours", namespace: "behaviours" }));
      build.onLoad({ filter: name, namespace: "behaviours" }, () => ({
        contents: `export const later = {${lines.join(",")}};`,
        resolveDir: join(here, "js"),
      }));
      build.onResolve({ filter: /./, namespace: "behaviours" }, ({ path }) => ({ path, external: true }));
    },
  };
}

const inside = (svg) => svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").trim();

/** A hundredth of a 24-part drawing is more than any screen shows. */
const short = (paths) => paths.replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))));

/** A template that asks for a drawing we do not have would show an empty space; better no build at all. */
function checkIconsInTemplates() {
  const templates = join(root, "templates");
  for (const file of readdirSync(templates, { recursive: true }).filter((name) => name.endsWith(".html"))) {
    for (const [, name] of readFileSync(join(templates, file), "utf8").matchAll(/\bicon(?:_name=|\()"([a-z]+)"/g)) {
      if (!(name in ICONS)) throw new Error(`${file} asks for the icon «${name}»: add it to ICONS in static/build.mjs`);
    }
  }
}

function buildSprite() {
  checkIconsInTemplates();
  const symbols = Object.entries(ICONS).map(([name, drawing]) => {
    const svg = readFileSync(join(installed, "@navikt", "aksel-icons", "dist", "svg", `${drawing}.svg`), "utf8");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none">${short(inside(svg))}</symbol>`;
  });
  const mark = inside(readFileSync(join(here, "img", "mark.svg"), "utf8"));
  symbols.push(`<symbol id="mark" viewBox="0 0 32 32">${mark}</symbol>`);
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`;
}

const hashOf = (content) => createHash("sha256").update(content).digest("hex").slice(0, 10);

function keep(manifest, logical, content) {
  const bytes = Buffer.from(content);
  const hashed = logical.replace(/(\.[a-z0-9]+)$/, `-${hashOf(bytes)}$1`);
  write(hashed, bytes);
  manifest[logical] = hashed;
}

/** A hashed name never changes its content, so what is there already is left alone. */
function write(name, bytes) {
  const target = join(dist, name);
  mkdirSync(dirname(target), { recursive: true });
  const forms = {
    "": () => bytes,
    ".br": () => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    ".gz": () => gzipSync(bytes, { level: 9 }),
  };
  for (const [ending, make] of Object.entries(forms)) {
    written.add(name + ending);
    if (!existsSync(target + ending)) replace(target + ending, make());
  }
}

function replace(target, content) {
  const half = `${target}.${process.pid}.half`;
  writeFileSync(half, content);
  renameSync(half, target);
}

function removeOld() {
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (!entry.isFile() || entry.name.startsWith(".") || written.has(relative(dist, path))) continue;
    if (Date.now() - statSync(path).mtimeMs > KEEP_OLD_MS) rmSync(path);
  }
}

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  minify: true,
  charset: "utf8",
  legalComments: "none",
  write: false,
  logLevel: "warning",
};

/** We connect by WebSocket alone, so the library's other ways need not travel: each is a file of its own. */
const webSocketAlone = {
  name: "web-socket-alone",
  setup(build) {
    build.onLoad({ filter: /engine\.io-client\/build\/esm\/transports\/(polling-\w+|webtransport)\.js$/ }, () => ({
      contents: "export const XHR = null, Fetch = null, WT = null;",
    }));
  },
};

/** What goes over the connection is JSON, so what the library does with files and images need not travel either. */
const textAlone = {
  name: "text-alone",
  setup(build) {
    build.onLoad({ filter: /socket\.io-parser\/build\/esm\/is-binary\.js$/ }, () => ({
      contents: "export const isBinary = () => false, hasBinary = () => false;",
    }));
    build.onLoad({ filter: /socket\.io-parser\/build\/esm\/binary\.js$/ }, () => ({
      contents: "export const deconstructPacket = null, reconstructPacket = null;",
    }));
  },
};

/** The live connection with its library is one file of its own: several behaviours share the one connection. */
async function buildLive() {
  const entry = { entryPoints: [join(here, "js", "live.js")], outfile: join(dist, "js", "live.js") };
  const result = await esbuild.build({ ...COMMON, ...entry, plugins: [webSocketAlone, textAlone] });
  const bytes = Buffer.from(result.outputFiles[0].contents);
  const name = `live-${hashOf(bytes)}.js`;
  write(`js/${name}`, bytes);
  return name;
}

const livePlugin = (name) => ({
  name: "live",
  setup(build) {
    build.onResolve({ filter: /^\.\/live\.js$/ }, () => ({ path: `./${name}`, external: true }));
  },
});

/** Each behaviour is one file with all that it uses: a few bytes twice cost a phone less than one more request. */
async function buildBehaviours(live) {
  const result = await esbuild.build({
    ...COMMON,
    entryPoints: behaviours().map((file) => join(here, "js", file)),
    plugins: [livePlugin(live)],
    outdir: join(dist, "js"),
    entryNames: "[name]-[hash]",
  });
  for (const file of result.outputFiles) write(relative(dist, file.path), Buffer.from(file.contents));
  return result.outputFiles.map((file) => basename(file.path));
}

/** The worker that keeps the shell on a phone, and the one that takes it off again; served at one address. */
async function buildWorkers(manifest) {
  const shell = SHELL.map((name) => `/static/${manifest[name]}`);
  if (shell.some((address) => address.endsWith("undefined"))) throw new Error("a file of the shell was not built");
  const define = { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(hashOf(shell.join())) };
  for (const name of ["js/sw.js", "js/sw_off.js"]) {
    const result = await esbuild.build({ ...COMMON, format: "iife", entryPoints: [join(here, name)], define });
    keep(manifest, name, result.outputFiles[0].contents);
  }
}

async function build() {
  const manifest = {};
  const built = await buildBehaviours(await buildLive());
  for (const file of built) if (SHELL.includes(sourceOf(file))) manifest[sourceOf(file)] = `js/${file}`;
  const result = await esbuild.build({
    ...COMMON,
    entryPoints: [...SHEETS, "js/app.js", "js/offline.js"].map((file) => join(here, file)),
    alias: { "minvei-theme": await usedTheme(buildTheme()) },
    plugins: [behavioursPlugin(built)],
    outbase: here,
    outdir: dist,
    entryNames: "[dir]/[name]-[hash]",
    metafile: true,
  });
  for (const file of result.outputFiles) write(relative(dist, file.path), Buffer.from(file.contents));
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    const name = relative(dist, resolve(root, path));
    const source = output.entryPoint?.startsWith("static/") ? output.entryPoint.slice("static/".length) : null;
    if (source) manifest[source] = name;
  }
  keep(manifest, "icons.svg", buildSprite());
  for (const file of readdirSync(join(here, "img"))) keep(manifest, `img/${file}`, readFileSync(join(here, "img", file)));
  await buildWorkers(manifest);
  replace(join(dist, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 2) + "\n");
  written.add("manifest.json");
  removeOld();
}

try {
  await build();
  for (const file of [...written].filter((name) => name.endsWith(".br")).sort()) {
    console.log(`${String(statSync(join(dist, file)).size).padStart(7)} B br  ${file.slice(0, -".br".length)}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
