// Moves the reading place to this element when the page opens: the list of faults above a form.
export function start(element) {
  element.focus();
}
