// The question whether what has lain unsent for more than a day shall be sent after all. Its words are fetched when it
// is to be asked.

/** Her answer: "send" or "keep"; undefined when she cannot be asked now. */
export async function start({ text, at, files = [] }) {
  if (document.visibilityState !== "visible") return undefined;
  const language = document.documentElement.lang;
  const page = await fetch(`/uten-nett/${language}`).then((answer) => answer.text()).catch(() => "");
  const pattern = new DOMParser().parseFromString(page, "text/html").querySelector('[data-pattern="old"]');
  if (!pattern) return undefined;
  const dialog = document.importNode(pattern.content.firstElementChild, true);
  const words = dialog.querySelector("p");
  const when = new Intl.DateTimeFormat(`${language}-u-nu-latn`, { dateStyle: "long", timeStyle: "short", hourCycle: "h23", timeZone: "Europe/Oslo" });
  words.textContent = words.textContent.replace("{when}", when.format(at));
  dialog.querySelector("blockquote").textContent = [text, ...files.map(({ words }) => words)].filter(Boolean).join("\n");
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("h2").focus();
  await new Promise((resolve) => dialog.addEventListener("close", resolve));
  dialog.remove();
  return dialog.returnValue;
}
