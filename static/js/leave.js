// Signing out of a borrowed phone where no net is: the page is covered and says that it is not done yet, and it is
// done as soon as there is a net. Fetched with the page, because it could not be fetched when it is needed.
const SLOWEST_MS = 8_000;

export function start(strip) {
  const dialog = strip.querySelector("dialog");
  const address = strip.querySelector("form").getAttribute("action");
  let isLeaving = false;

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if ((submitter?.getAttribute("formaction") ?? form.getAttribute("action")) !== address) return;
    event.preventDefault();
    event.stopPropagation();
    if (isLeaving) return;
    isLeaving = true;
    for (let waitMs = 1_000; !(await hasNet()); waitMs = Math.min(SLOWEST_MS, waitMs * 2)) {
      cover();
      await pause(waitMs);
    }
    strip.querySelector("form").submit();
  }, true);

  function cover() {
    if (dialog.open) return;
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => dialog.showModal());
    dialog.showModal();
    dialog.querySelector("h2").focus();
  }
}

const hasNet = () => fetch("/live", { cache: "no-store", signal: AbortSignal.timeout(8_000) }).then((one) => one.ok, () => false);

/** Ends early when the phone says that it has a net again. */
const pause = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
    window.addEventListener("online", resolve, { once: true });
  });
