// When whoever opened the conversation is signed out, or somebody else has signed in on the same phone.

const NOT_HERS = new Set([401, 403, 404]);

/** Whether an answer says that the conversation is not shown to whoever is signed in now, if anybody is. */
export const isNotHers = (answer) => NOT_HERS.has(answer.status);

/** Who is signed in now: {isSame: this very person, page: this page, if the conversation is shown to her}. null: no answer came. */
export async function whoIsHere({ conversation, me }) {
  const headers = { "X-Asked-By": "page" };
  const text = await fetch(location.href, { cache: "no-store", headers }).then((answer) => answer.text()).catch(() => null);
  if (text === null) return null;
  const page = new DOMParser().parseFromString(text, "text/html");
  const isSame = page.querySelector("[data-who]")?.dataset.who === me;
  return { isSame, page: isSame && page.querySelector(`[data-conversation="${conversation}"]`) ? page : null };
}

/** Leaves nothing but the conversation's own box on the page. Gives what brings the rest back. */
export function hideAround(section) {
  const hidden = [...document.querySelectorAll("header .menu-box b")];
  for (let inner = section; inner.tagName !== "MAIN"; inner = inner.parentElement) {
    hidden.push(...[...inner.parentElement.children].filter((element) => element !== inner && !element.hidden));
  }
  for (const element of hidden) element.hidden = true;
  const { title } = document;
  document.title = title.split(" – ").at(-1);
  return () => {
    for (const element of hidden) element.hidden = false;
    document.title = title;
  };
}
