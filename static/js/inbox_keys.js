// The inbox by keyboard alone: arrows, j and k go from person to person while one is in the list. See «Hurtigtaster».
const STEP = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

export function start(list) {
  const main = document.getElementById("main");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = document.activeElement;
    const isIn = list.contains(here);
    // From the top of the page an arrow leads in; letters only count within the list, so they hinder nobody.
    if (!isIn && !(here === main && event.key === "ArrowDown")) return;
    const people = [...list.querySelectorAll(".inbox-item")];
    const place = people.findIndex((one) => one.closest("li").contains(here));
    const next = { Home: people[0], End: people.at(-1) }[event.key] ?? people[place + STEP[event.key]];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
