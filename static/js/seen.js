// Three letters on a phone: asks every few seconds whether staff have seen them, and then shows what the page says now.
// The page itself stays as it is until then, so that nothing is read aloud again and again.
const ASK_EVERY_MS = 4_000;

export function start(shown) {
  const asking = setInterval(async () => {
    const page = await fetch(location.href, { cache: "no-store" }).then((answer) => answer.ok && answer.text(), () => "");
    if (!page) return;
    const fresh = new DOMParser().parseFromString(page, "text/html");
    if (fresh.querySelector("[data-module=seen]")) return;
    clearInterval(asking);
    document.title = fresh.title;
    const main = fresh.querySelector("main");
    document.querySelector("main").replaceWith(main);
    main.focus();
  }, ASK_EVERY_MS);
}
