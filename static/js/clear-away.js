// A receipt that others can see: gone after some seconds, and not to be found with the way back.
export function start(shown) {
  const { next, seconds } = shown.dataset;
  setTimeout(() => location.replace(next), seconds * 1000 - 250); // before the page's own refresh, which leaves a trace
}
