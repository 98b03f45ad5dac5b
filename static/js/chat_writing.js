// The field for writing in the open conversation. How what is written is kept and sent: chat_sending.js.
import { draftOf } from "./chat_draft.js";
import { whoIsHere } from "./chat_left.js";
import { Outbox } from "./chat_outbox.js";
import { Sending } from "./chat_sending.js";
import { live } from "./live.js";

export class Writing {
  /** chat: the open conversation {section, bubbles, hear, look, leave, isLeft}. */
  constructor(chat) {
    this.chat = chat;
    const { section } = chat;
    this.composer = section.querySelector("[data-composer]");
    this.field = this.composer.elements.text;
    const to = new URL(this.composer.action).pathname;
    const keeps = section.dataset.keeps !== undefined;
    const by = { live: live(), conversation: section.dataset.conversation };
    this.sending = new Sending({ to, by, outbox: new Outbox(section.dataset.me, { keeps }), page: this });
    // Staff's lie on the server, see staff_draft.js.
    this.draft = keeps && section.dataset.side !== "staff" ? draftOf(section.dataset.me, to) : null;
    if (!this.field.value) this.field.value = this.draft?.text ?? "";
    this.bindWriting();
    this.bindFiles();
  }

  bindWriting() {
    this.composer.addEventListener("submit", (event) => {
      event.preventDefault();
      this.write();
    });
    this.field.addEventListener("keydown", (event) => {
      const list = event.key === "/" && !this.field.value && this.composer.querySelector("[aria-keyshortcuts]");
      if (list) {
        event.preventDefault();
        list.click();
      }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.composer.requestSubmit();
    });
    this.field.addEventListener("input", () => this.count());
    this.composer.addEventListener("pick", ({ detail: { text, ...phrase } }) => {
      this.sending.write(text, this.composer.elements.topic?.value, [], phrase);
    });
    this.count();
    window.addEventListener("beforeunload", (event) => {
      const isOnlyHere = !this.draft && !this.composer.dataset.draft && this.field.value.trim();
      if (isOnlyHere || !this.isKept) event.preventDefault();
    });
  }

  write() {
    const text = this.field.value;
    this.complain("");
    this.field.focus();
    if (this.takeFiles() || this.files?.isDrawing) return void this.withFiles().then((files) => files.sendDrawn()).catch(() => {});
    const chosen = this.files?.take() ?? [];
    if (!text.trim() && chosen.length === 0) return;
    this.field.value = "";
    this.sending.write(text.trim() ? text : "", this.composer.elements.topic?.value, chosen);
    this.count();
  }

  takeUp() {
    this.sending.takeUp();
  }

  wake() {
    this.takeFiles();
    this.sending.queue.wake();
  }

  get waiting() {
    return this.sending.waiting;
  }

  /** Whether a page opened anew has all that this one has. */
  get mayReload() {
    return !this.hasUnsent || (this.isKept && this.keepsDraft());
  }

  /** Whether what she has sent outlives this tab. */
  get isKept() {
    return !(this.waiting.some((item) => !item.isKept) || this.files?.chosen.length > 0);
  }

  get hasUnsent() {
    return this.waiting.length > 0 || this.field.value.trim() !== "" || this.files?.chosen.length > 0;
  }

  /** She is signed out: what waits says so. */
  hold() {
    for (const { clientId } of this.waiting) this.chat.bubbles.say(clientId, "held");
  }

  // --- What sending asks of the page ---

  get token() {
    return this.composer.elements.csrf_token.value;
  }

  drawn() {
    return this.chat.bubbles.drawn();
  }

  line(item, state) {
    this.count(); // kept now: it is no draft any more
    const bubble = this.chat.bubbles.showUnsent(item, state);
    if (item.files) this.withFiles().then((files) => files.draw(bubble, item));
  }

  /** After a new sign-in the form needs a new token. True: got one; false: not signed in as this person; null: no net. */
  async refreshToken() {
    const here = await whoIsHere(this.chat.section.dataset);
    if (!here?.page) return here && false;
    this.composer.elements.csrf_token.value = here.page.querySelector("[data-composer] [name=csrf_token]").value;
    return true;
  }

  /** Whether she is signed in all the same, though the conversation said no; null: no net. */
  async isStillHer() {
    return (await whoIsHere(this.chat.section.dataset))?.isSame ?? null;
  }

  async askAboutOld(item) {
    return (await this.chat.later.chat_old()).start(item); // without a net she is asked another time
  }

  settled(kind, item, outcome, stuck) {
    if (kind === "signed-out") this.chat.leave();
    if (kind === "gone") {
      this.chat.bubbles.takeBack(item.clientId);
      this.chat.look();
    }
    if (kind === "stored") {
      if (this.chat.isLeft) this.chat.look();
      this.chat.bubbles.say(item.clientId, "sent");
      this.chat.hear({ upto: outcome.change.rev, changes: [outcome.change] });
    }
    if (stuck) for (const { clientId } of this.waiting) this.chat.bubbles.say(clientId, stuck);
    if (kind === "refused") {
      this.complain((outcome.isClosed && this.chat.section.querySelector("[data-closed]")?.textContent) || outcome.reason);
    }
  }

  /** What was not taken, or what she stopped, stands in the form again. Gives whether the phone keeps its text there. */
  putBack(item) {
    this.chat.bubbles.takeBack(item.clientId);
    this.field.value = [item.text, this.field.value].filter(Boolean).join("\n");
    if (item.files) this.withFiles().then((files) => files.putBack(item.files));
    this.field.focus();
    return this.keepsDraft() || this.draft === null;
  }

  /** Whether the phone has a draft of what stands in the field; signing out in another tab has taken it away. */
  keepsDraft() {
    this.count();
    return this.draft?.text === (this.unkept.trim() && this.unkept);
  }

  /** What nothing holds but this tab: of what is sent, and of the field. */
  get unkept() {
    return [...this.sending.unkept, { text: this.field.value }].map(({ text }) => text).filter(Boolean).join("\n");
  }

  // --- Photos and PDFs: what does it is fetched when first used (chat_files.js) ---

  bindFiles() {
    const chooser = this.composer.elements.files;
    if (this.composer.querySelector("[data-files]").children.length > 0) this.withFiles();
    chooser.addEventListener("click", () => this.withFiles().catch(() => {}));
    chooser.addEventListener("change", () => this.takeFiles());
  }

  /** What was chosen stays chosen until what shows it is here; without a net that is said, and tried again. */
  takeFiles() {
    const chooser = this.composer.elements.files;
    if (chooser.files.length === 0) return false;
    const offline = this.chat.section.querySelector("[data-offline]");
    this.withFiles().then((files) => files.choose(chooser), () => (offline.hidden = false));
    return true;
  }

  withFiles() {
    this.fetchingFiles ??= this.chat.later.chat_files().then(async ({ start }) => (this.files = await start(this)));
    this.fetchingFiles.catch(() => (this.fetchingFiles = null)); // no net: fetched anew next time
    return this.fetchingFiles;
  }

  async sendFiles(item) {
    return (await this.withFiles()).send(item, this.token);
  }

  complain(reason) {
    const place = this.composer.querySelector("[data-error]");
    place.textContent = reason;
    place.hidden = !reason;
    if (reason) this.field.setAttribute("aria-invalid", "true");
    else this.field.removeAttribute("aria-invalid");
  }

  count() {
    const counter = this.composer.querySelector("[data-counter]");
    const left = Number(counter.dataset.limit) - [...this.field.value].length;
    if (this.draft) this.draft.text = this.unkept;
    counter.hidden = left > 200;
    counter.textContent = (left < 0 ? counter.dataset.over : counter.dataset.left).replace("{n}", Math.abs(left));
  }
}
