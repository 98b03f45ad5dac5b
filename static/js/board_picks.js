// Ticks on the board: how many, all that are shown or none. What is done for them is a form (board_taps.js sends it).

export class Picks {
  constructor(board) {
    this.rows = board.querySelector("tbody");
    this.all = board.querySelector("[data-all]");
    this.form = board.querySelector("#together");
    if (!this.form) return;
    this.words = this.form.querySelector("[data-picked]");
    this.allText = this.all.textContent;
    this.all.setAttribute("role", "button");
    this.all.addEventListener("click", (event) => {
      event.preventDefault();
      const tick = this.ticked().length === 0;
      for (const box of this.boxes()) box.checked = tick;
      this.count();
    });
    this.rows.addEventListener("change", () => this.count());
    this.count();
  }

  /** The boxes of the rows that are shown: whom the search has put away is ticked by nobody. */
  boxes() {
    return [...this.rows.querySelectorAll("tr:not([hidden]) [name=person]")];
  }

  ticked() {
    return [...this.rows.querySelectorAll("[name=person]:checked")];
  }

  isTicked(row) {
    return row.querySelector("[name=person]")?.checked ?? false;
  }

  /** Says how many, and shows the buttons only when there is somebody. */
  count() {
    if (!this.form) return;
    const number = this.ticked().length;
    this.form.hidden = number === 0;
    this.words.textContent = this.words.dataset.words.replace("{number}", number);
    this.all.textContent = number ? this.all.dataset.none : this.allText;
  }
}
