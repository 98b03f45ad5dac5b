// Staff's way to give a recipient's message to another topic. Whose page has no such pattern, has no such menu.

export function moveMenu(section, { side, seq, topic }) {
  const pattern = side === "recipient" && section.querySelector(`template[data-pattern="move-${topic}"]`);
  if (!pattern) return [];
  const menu = pattern.content.firstElementChild.cloneNode(true);
  for (const way of menu.querySelectorAll("[data-to]")) {
    way.setAttribute("formaction", way.getAttribute("formaction").replace("/melding/0", `/melding/${seq}`));
  }
  const follow = menu.querySelector("[data-follow]");
  follow.href = follow.href.replace("/melding/0", `/melding/${seq}`);
  return [menu];
}
