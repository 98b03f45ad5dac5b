// A double tap sends a form once. The back button and a stopped page make it usable again.
const AGAIN_AFTER_MS = 8000;

export function start(form) {
  let sent = false;
  const open = () => {
    sent = false;
    form.removeAttribute("aria-busy");
  };
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
  });
  // Heard last, so that a script which sends the form itself has said so by now; it keeps its own guard.
  window.addEventListener("submit", (event) => {
    if (event.target !== form || event.defaultPrevented) return;
    sent = true;
    form.setAttribute("aria-busy", "true");
    setTimeout(open, AGAIN_AFTER_MS);
  });
  window.addEventListener("pageshow", open);
}
