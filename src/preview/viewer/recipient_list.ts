import { byId, make } from "./dom.ts";
import type { GalleryEntry } from "./page_data.ts";
import { entryFacts, searchText } from "./wording.ts";

interface Item {
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly searched: string;
}

/** The mails to choose from: as a list, and as one field where there is little room. */
export class RecipientList {
  readonly element = byId("list");
  readonly #pick = byId<HTMLSelectElement>("pick");
  readonly #items: readonly Item[];
  #current = -1;

  /** @param choose Called with the entry to show. */
  constructor(entries: readonly GalleryEntry[], choose: (index: number) => void) {
    this.#items = entries.map((entry, index) => {
      const button = buttonOf(entry);
      button.addEventListener("click", () => choose(index));
      const item = make("li");
      item.append(button);
      this.element.append(item);
      this.#pick.append(new Option(entry.address || `line ${entry.line}`, `${index}`));
      return { item, button, searched: searchText(entry) };
    });
    this.#pick.addEventListener("change", () => choose(Number(this.#pick.value)));
  }

  /** Marks an entry as the one that is shown. */
  select(index: number): void {
    const before = this.#items[this.#current]?.button;
    if (before !== undefined) {
      before.tabIndex = -1;
      before.removeAttribute("aria-current");
    }
    this.#current = index;
    const { button } = this.#items[index]!;
    button.tabIndex = 0;
    button.setAttribute("aria-current", "true");
    if (this.element.offsetParent !== null) button.scrollIntoView({ block: "nearest" });
    this.#pick.value = `${index}`;
  }

  /** The entry so many places from the current one among those that match the search; the first or last if there are fewer. */
  neighbour(by: number): number | undefined {
    const visible = this.#visible();
    const at = visible.indexOf(this.#current);
    return visible[Math.min(visible.length - 1, Math.max(0, at + by))];
  }

  focus(index: number): void {
    this.#items[index]!.button.focus();
  }

  /**
   * Hides the entries that do not contain a word.
   *
   * @returns the first entry that is left, if the current one is hidden
   */
  search(word: string): number | undefined {
    const wanted = word.trim().toLowerCase();
    for (const { item, searched } of this.#items) item.hidden = !searched.includes(wanted);
    return this.#items[this.#current]?.item.hidden ? this.#visible()[0] : undefined;
  }

  #visible(): number[] {
    return [...this.#items.keys()].filter((index) => !this.#items[index]!.item.hidden);
  }
}

function buttonOf(entry: GalleryEntry): HTMLButtonElement {
  const button = make("button");
  const about = "reason" in entry ? `No mail: ${entry.reason}` : entry.subject;
  button.append(
    make("b", entry.address || "(no address)"),
    make("span", about, "about"),
    make("span", entryFacts(entry), "small"),
  );
  if ("reason" in entry) button.classList.add("none");
  button.tabIndex = -1;
  return button;
}
