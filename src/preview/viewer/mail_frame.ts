import { byId, readBlock } from "./dom.ts";
import { withImages } from "./mail_text.ts";
import { imageId, type MailBlock } from "./page_data.ts";

const WIDTHS = ["phone", "desktop"] as const;

/** The frame that shows an HTML part; its sandbox allows nothing: no scripts, no forms, no popups, no origin. */
export class MailFrame {
  readonly #stage = byId("stage");
  #width: typeof WIDTHS[number] = matchMedia("(min-width: 800px)").matches ? "desktop" : "phone";

  constructor() {
    for (const name of WIDTHS) {
      byId(name).addEventListener("click", () => {
        this.#width = name;
        this.#fit();
      });
    }
  }

  clear(): void {
    this.#stage.replaceChildren();
  }

  /** Shows an HTML part, unless it is there already. */
  show(html: string, images: MailBlock["images"]): void {
    if (this.#stage.firstChild !== null) return;
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.title = "The mail as HTML";
    frame.srcdoc = withImages(html, images, (image) => readBlock<string>(imageId(image)));
    this.#stage.replaceChildren(frame);
    this.#fit();
  }

  #fit(): void {
    this.#stage.className = `stage ${this.#width}`;
    for (const name of WIDTHS) byId(name).setAttribute("aria-pressed", `${name === this.#width}`);
  }
}
