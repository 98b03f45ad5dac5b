// The phone's own keeper of the shell. What it keeps is the same for everybody: built files, and one page that says
// that there is no net. It never keeps a page, an answer or anything else with somebody's sign-in behind it: only
// what stands in the list below is ever put away, and it is asked for without cookies.
//
// Built by static/build.mjs, which fills in SHELL; served at /sw.js. Whoever runs the portal can switch it off
// (PORTAL_OFFLINE_PAGE): then static/js/sw_off.js is served at the same address and takes it off every phone.

const language = new URL(location.href).searchParams.get("sprak") ?? "nb";
const OFFLINE = `/uten-nett/${language}`;
const KEPT = [OFFLINE, ...SHELL];
const NAME = `shell ${VERSION} ${language}`;
/** So long nothing came: a net that lets nothing through is no net. */
const PATIENCE_MS = 20_000;

addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(KEPT.map((address) => new Request(address, { credentials: "omit" })));
    await skipWaiting();
  };
  event.waitUntil(keep());
});

addEventListener("activate", (event) => {
  const begin = async () => {
    for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
    await registration.navigationPreload?.enable();
    await clients.claim();
  };
  event.waitUntil(begin());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate") {
    // A form that did not get through is sent again by the browser's own page; only signing out has a word here.
    if (request.method === "GET" || pathname === "/logg-ut") event.respondWith(page(event));
  } else if (SHELL.includes(pathname)) event.respondWith(kept(pathname).then((answer) => answer ?? fetch(request)));
});

/** The page from the net; without one, the page that says so. */
async function page({ request, preloadResponse }) {
  const fromNet = Promise.resolve(preloadResponse).then((answer) => answer ?? fetch(request));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = await Promise.race([fromNet, late]).catch(() => null);
  return answer ?? (await kept(OFFLINE)) ?? fromNet;
}

const kept = (address) => caches.match(address, { cacheName: NAME, ignoreVary: true });
