// Choosing a standard sentence in a box over the conversation. The box shows the pages that work without scripts too;
// what is sent goes by the conversation's own outbox, so it waits there when there is no net.

const FRESH_MS = 60_000;
/** Address → {html, at}: what was fetched. Without a net the older one will do; what is sent is checked anyway. */
const shown = new Map();

/** Fetches the page a link leads to before it is asked for, so that it opens without a net. */
export const ready = (link) => load(link.href).catch(() => {});

export async function start(link) {
  const composer = link.closest("form");
  const box = boxOf(composer);
  await show(box, link.href);
  box.showModal();
  focusFirst(box);
}

/** What opens in the box: the sentences. Everything else is a page of its own. */
const isOurs = (address) => /\/chat\/[^/]+\/(raske-svar|setninger)/.test(address ?? "");

function boxOf(composer) {
  if (composer.box) return composer.box;
  const box = document.createElement("dialog");
  box.className = "pick";
  box.addEventListener("click", (event) => {
    if (event.target === box) return box.close();
    const way = event.target.closest("a");
    const isBack = way?.closest(".back") && way.hash;
    if (!isBack && !isOurs(way?.href)) return;
    event.preventDefault();
    if (isBack) box.close();
    else show(box, way.href).then(() => focusFirst(box), () => location.assign(way.href));
  });
  box.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.phrase === undefined && !isOurs(form.action)) return;
    event.preventDefault();
    if (form.dataset.phrase !== undefined) send(box, composer, form);
    else show(box, form.action, new FormData(form)).then(() => focusFirst(box), () => form.submit());
  });
  box.addEventListener("input", (event) => event.target.closest("[data-filter]") && filter(box, event.target.value));
  box.addEventListener("keydown", (event) => move(box, event));
  document.body.append(box);
  composer.box = box;
  return box;
}

async function load(address) {
  const kept = shown.get(address);
  if (kept && Date.now() - kept.at < FRESH_MS) return kept.html;
  try {
    shown.set(address, { html: await fetchMain(address), at: Date.now() });
  } catch (fault) {
    if (!kept) throw fault;
  }
  return shown.get(address).html;
}

async function fetchMain(address, body) {
  const answer = await fetch(address, { method: body ? "POST" : "GET", body: body && new URLSearchParams(body), headers: { "X-Asked-By": "page" }, cache: "no-store" });
  const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if ((answer.status !== 200 && answer.status !== 422) || answer.redirected || !main) throw new Error("not shown");
  return main.innerHTML;
}

async function show(box, address, body) {
  box.innerHTML = body ? await fetchMain(address, body) : await load(address);
  box.setAttribute("aria-label", box.querySelector("h1")?.textContent ?? "");
  for (const hidden of box.querySelectorAll("[data-filter]")) hidden.hidden = false;
}

const focusFirst = (box) => box.querySelector("[aria-invalid], [data-filter] input, form:not([data-phrase]) input:not([type=hidden]), summary, form button, li a")?.focus();

function send(box, composer, form) {
  const data = new FormData(form);
  const values = Object.fromEntries([...form.querySelectorAll("[data-value]")].map((field) => [field.name, field.value]));
  const detail = { text: form.dataset.phrase, phrase: data.get("phrase"), values, tellsCentre: data.get(`tells_centre-${data.get("phrase")}`) === "yes" };
  for (const kept of shown.values()) kept.at = 0; // what she has told is not asked again
  box.close();
  composer.dispatchEvent(new CustomEvent("pick", { detail }));
  composer.elements.text.focus();
}

function filter(box, typed) {
  const wanted = typed.trim().toLowerCase();
  for (const line of box.querySelectorAll("[data-phrases] li")) line.hidden = !line.textContent.toLowerCase().includes(wanted);
  for (const group of box.querySelectorAll("[data-phrases] section")) group.hidden = !group.querySelector("li:not([hidden])");
}

/** The arrows go through the sentences; Enter in the filter takes the first one. */
function move(box, event) {
  const ways = [...box.querySelectorAll("[data-phrases] li:not([hidden]) a")];
  if (ways.length === 0) return;
  const place = ways.indexOf(document.activeElement);
  const isFiltering = document.activeElement.closest("[data-filter]");
  if (event.key === "Enter" && isFiltering) ways[0].click();
  else if (event.key === "ArrowDown") ways[Math.min(place + 1, ways.length - 1)].focus();
  else if (event.key === "ArrowUp") (place > 0 ? ways[place - 1] : box.querySelector("[data-filter] input")).focus();
  else return;
  event.preventDefault();
}
