// Leads on to another page after some seconds: a receipt that others can see goes, a code that is old is drawn anew.
// The page that was left is not to be found with the way back.
export function start(shown) {
  const { next, seconds } = shown.dataset;
  setTimeout(() => location.replace(next), seconds * 1000);
}
