import { byId } from "./dom.ts";
import { MailFrame } from "./mail_frame.ts";
import { headerSection } from "./mail_text.ts";
import type { MailBlock } from "./page_data.ts";

const TABS = ["html", "text", "links", "headers", "source"] as const;
type Tab = typeof TABS[number];

const buttonOf = (name: Tab) => byId<HTMLButtonElement>(`tab-${name}`);

/** The parts of a mail, one of which is open. */
export class MailTabs {
  readonly #frame = new MailFrame();
  #mail: MailBlock | undefined;
  /** The part chosen last; it stays chosen even if a mail does not have it. */
  #chosen: Tab = "html";

  constructor() {
    for (const name of TABS) {
      buttonOf(name).addEventListener("click", () => {
        this.#chosen = name;
        this.#open(name);
      });
    }
  }

  /** Fills the parts with a mail; undefined: there is none to show. */
  show(mail: MailBlock | undefined): void {
    this.#mail = mail;
    this.#frame.clear();
    if (mail === undefined) return;
    byId("text").firstChild!.textContent = mail.text ?? "";
    byId("source").firstChild!.textContent = mail.source;
    byId("headers").lastChild!.textContent = headerSection(mail.source);
    fillTable("headers", mail.headers);
    fillTable("links", mail.links.map(({ text, target }) => [text || "(no text)", target]));
    buttonOf("links").textContent = `Links ${mail.links.length}`;
    buttonOf("html").disabled = mail.html === undefined;
    buttonOf("text").disabled = !mail.text;
    buttonOf("links").disabled = mail.links.length === 0;
    const first = (["html", "text"] as const).find((name) => !buttonOf(name).disabled);
    this.#open(buttonOf(this.#chosen).disabled ? first ?? "source" : this.#chosen);
  }

  /** Chooses the next or previous part that the mail has. */
  turn(by: 1 | -1): void {
    const there = TABS.filter((name) => !buttonOf(name).disabled);
    const at = there.findIndex((name) => buttonOf(name).tabIndex === 0);
    const button = buttonOf(there[(at + by + there.length) % there.length]!);
    button.click();
    button.focus();
  }

  #open(name: Tab): void {
    for (const tab of TABS) {
      buttonOf(tab).setAttribute("aria-selected", `${tab === name}`);
      buttonOf(tab).tabIndex = tab === name ? 0 : -1;
      byId(tab).hidden = tab !== name;
    }
    byId("widths").hidden = name !== "html";
    const { html, images } = this.#mail ?? {};
    if (name === "html" && html !== undefined) this.#frame.show(html, images ?? []);
  }
}

function fillTable(panel: Tab, lines: readonly (readonly string[])[]): void {
  byId(panel).querySelector("tbody")!.replaceChildren(...lines.map((cells) => {
    const row = document.createElement("tr");
    for (const cell of cells) row.insertCell().textContent = cell;
    return row;
  }));
}
