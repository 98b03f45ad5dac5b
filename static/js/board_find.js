// Finds a name on the board: a letter typed in the list goes to the search field, and only those names are shown.

const APART = /[\s\-.]+/u;
const LIKE = { ä: "æ", ö: "ø" };

/** A name as it is compared: é is e, but å, æ and ø are letters of their own. */
export function plain(text) {
  const letters = text.normalize("NFC").toLowerCase().replace(/[äö]/gu, (sign) => LIKE[sign]);
  return letters.replace(/[^åæø]/gu, (sign) => sign.normalize("NFD").replace(/\p{M}/gu, ""));
}

/** Whether every word typed begins some part of the name, in any order. */
export function matches(name, typed) {
  const parts = plain(name).split(APART);
  return plain(typed).split(APART).filter(Boolean).every((word) => parts.some((part) => part.startsWith(word)));
}

export class Find {
  constructor(board) {
    this.rows = board.querySelector("tbody");
    this.field = board.querySelector("#find");
    this.found = board.querySelector("[data-found]");
    board.querySelector("[data-find]").hidden = false;
    this.field.addEventListener("input", () => this.apply());
    this.field.addEventListener("keydown", (event) => this.key(event));
    // Only from within the list: a letter must not do anything where nobody expects it (WCAG 2.1.4).
    board.querySelector("[data-list]").addEventListener("keydown", (event) => this.letter(event));
  }

  /** Shows whom the field names; called again when the rows were drawn anew. */
  apply() {
    let shown = 0;
    for (const row of this.rows.children) {
      row.hidden = !matches(row.querySelector("bdi").textContent, this.field.value);
      shown += row.hidden ? 0 : 1;
    }
    const none = shown === 0 && this.field.value.trim() !== "";
    this.found.textContent = none ? this.found.dataset.none : "";
  }

  key(event) {
    if (event.key === "Escape") {
      this.field.value = "";
      this.apply();
    }
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const row = [...this.rows.children].find((one) => !one.hidden);
    (row?.querySelector(".actions .ds-button") ?? row?.querySelector("a"))?.focus();
  }

  letter(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^\p{L}$/u.test(event.key)) return;
    event.preventDefault();
    this.field.value = event.key;
    this.field.focus();
    this.apply();
  }
}
