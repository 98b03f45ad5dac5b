// What stands in the field and is not sent: a phone closes a tab without asking. Signing out takes it away (app.js).

/** The draft of one person in one conversation: read and write its `text`. Where nothing can be kept, it is empty. */
export const draftOf = (me, to) => {
  const name = `draft ${me} ${to}`;
  return {
    get text() {
      try {
        return localStorage.getItem(name) ?? "";
      } catch {
        return "";
      }
    },
    set text(text) {
      try {
        if (text.trim()) localStorage.setItem(name, text);
        else localStorage.removeItem(name);
      } catch {
        // A full or closed store: the words stand in the field all the same.
      }
    },
  };
};
