import { sizeText } from "../../text/quantity.ts";
import { byId, make, readBlock } from "./dom.ts";
import { MailTabs } from "./mail_tabs.ts";
import type { GalleryEntry, MailBlock } from "./page_data.ts";
import { fileChips, notesOf } from "./wording.ts";

/** One mail: its envelope, its files, the notes about it, and its parts. */
export class MailView {
  readonly tabs = new MailTabs();

  show(entry: GalleryEntry): void {
    const mail = "id" in entry && entry.id !== undefined
      ? readBlock<MailBlock>(entry.id)
      : undefined;
    const subject = "reason" in entry ? "No mail" : entry.subject || "(no subject)";
    byId("subject").textContent = subject;
    byId("subject").title = subject;
    byId("mail").classList.toggle("bare", mail === undefined);
    showEnvelope(entry, mail);
    showFiles(mail);
    byId("notes").replaceChildren(...notesOf(entry, mail).map((text) => make("li", text)));
    showRemote(mail?.remote ?? []);
    this.tabs.show(mail);
  }
}

function showEnvelope(entry: GalleryEntry, mail: MailBlock | undefined): void {
  const field = (name: string) => mail?.headers.find(([key]) => key.toLowerCase() === name)?.[1];
  const lines = [
    ["From", field("from")],
    ["To", mail === undefined ? entry.address : field("to")],
  ] as const;
  const envelope = byId("envelope");
  envelope.replaceChildren();
  for (const [name, value] of lines) {
    if (value) envelope.append(make("dt", name), make("dd", value));
  }
  envelope.append(make("dt", "Row"), rowOf(entry));
}

/** The place in the list, with a link to the mail's file. */
function rowOf(entry: GalleryEntry): HTMLElement {
  const row = make("dd", `line ${entry.line}`);
  if ("file" in entry) {
    const link = make("a", entry.file);
    link.href = encodeURIComponent(entry.file);
    link.setAttribute("download", "");
    row.append(` · ${sizeText(entry.size)} · `, link);
  }
  return row;
}

function showFiles(mail: MailBlock | undefined): void {
  byId("files").replaceChildren(
    ...fileChips(mail?.files ?? []).map(({ name, text, images }) => {
      const chip = make("li", "", images === undefined ? "" : "inline");
      chip.append(make("b", name), make("span", text));
      if (images !== undefined) chip.title = images;
      return chip;
    }),
  );
}

function showRemote(hosts: readonly string[]): void {
  byId("remote").hidden = hosts.length === 0;
  byId("remote").textContent = `Not loaded, as a preview contacts nobody: ${hosts.join(", ")}`;
}
