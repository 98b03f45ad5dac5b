// Whose phone this is while she is signed in on it, for the page that is shown without a net. It names her by her
// public id alone, says how long her sign-in lasts, and where what she writes is sent. No page in here.
const NAME = "hers";

/** Notes {who, until: when her sign-in ends, to: where her conversation is, if known}; null: nobody is signed in. */
export function note(her) {
  try {
    if (!her) return localStorage.removeItem(NAME);
    const before = known();
    localStorage.setItem(NAME, JSON.stringify({ ...(before?.who === her.who && before), ...her }));
  } catch {
    // Where nothing can be kept, nobody is known without a net.
  }
}

/** Who is signed in on this phone, as far as it knows without asking; null when nobody is, or not any more. */
export function known() {
  try {
    const her = JSON.parse(localStorage.getItem(NAME));
    return her?.until > Date.now() ? her : null;
  } catch {
    return null;
  }
}
