// The number beside «Chat»: asked for twice a minute while the page is seen, so it is true without a live connection.
const EVERY_MS = 30_000;

export function start(nav) {
  const marks = [...nav.querySelectorAll("[data-unread]")];
  if (marks.length === 0) return;
  const who = document.querySelector("[data-who]")?.dataset.who;
  const tabs = new BroadcastChannel("heads");
  let etag = "";

  async function look() {
    if (document.visibilityState !== "visible") return;
    const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
    const answer = await fetch("/chat/hoder", { headers, cache: "no-store" }).catch(() => null);
    if (answer?.status === 401 || answer?.status === 403) document.dispatchEvent(new Event("session:stale"));
    if (!answer?.ok) return;
    const { unread } = await answer.json();
    draw(unread);
    etag = answer.headers.get("ETag") ?? "";
    tabs.postMessage({ who, unread });
  }

  function draw(unread) {
    etag = ""; // what is shown now did not come with it
    for (const mark of marks) {
      mark.querySelector("[data-count]").textContent = unread > 99 ? "99+" : unread || "";
      mark.hidden = unread === 0;
    }
  }

  // What one tab of hers has heard is right in all of them, also those that nobody looks at now.
  tabs.onmessage = ({ data }) => data.who === who && draw(data.unread);

  // The conversation itself says when something was read, and asks the server enough as it is.
  if (!document.querySelector('[data-module="chat"]')) look();
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
  document.addEventListener("heads:stale", look);
}
