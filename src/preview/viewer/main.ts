/**
 * The script of the page. It runs in a browser, from `file:`, with nothing beside it: `build/page_assets.ts` puts it into the
 * program as text. The contents of a mail become text nodes, or HTML in a frame that allows nothing.
 *
 * @module
 */
import { byId, readBlock } from "./dom.ts";
import { MailView } from "./mail_view.ts";
import { ENTRIES, type GalleryEntry } from "./page_data.ts";
import { RecipientList } from "./recipient_list.ts";

const entries = readBlock<readonly GalleryEntry[]>(ENTRIES);
const list = new RecipientList(entries, choose);
const view = new MailView();
const find = byId<HTMLInputElement>("find");

/** Shows an entry, and names it in the address of the page. */
function choose(index: number): void {
  const hash = `#line-${entries[index]!.line}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
  show(index);
}

function show(index: number): void {
  list.select(index);
  byId("place").textContent = `${index + 1} of ${entries.length}`;
  byId<HTMLButtonElement>("previous").disabled = index === 0;
  byId<HTMLButtonElement>("next").disabled = index === entries.length - 1;
  view.show(entries[index]!);
}

/** Moves by so many places in the list. */
function step(by: number): void {
  const next = list.neighbour(by);
  if (next === undefined) return;
  const isFocused = list.element.contains(document.activeElement);
  choose(next);
  if (isFocused) list.focus(next);
}

/** Shows the entry that the address of the page names, else the first one. */
function follow(): void {
  const line = /^#line-(\d+)$/.exec(location.hash)?.[1];
  show(Math.max(0, entries.findIndex((entry) => String(entry.line) === line)));
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
/** Not in the search field, where these keys move the cursor. */
const LEAPS: Readonly<Record<string, number>> = { Home: -Infinity, End: Infinity };
const TURNS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowLeft: -1 };

/** Returns whether the key was ours. */
function press(key: string, target: HTMLElement): boolean {
  const isFree = target === document.body || target === find || list.element.contains(target);
  const by = isFree ? STEPS[key] ?? (target === find ? undefined : LEAPS[key]) : undefined;
  const turn = target.getAttribute("role") === "tab" ? TURNS[key] : undefined;
  if (by !== undefined) step(by);
  else if (turn !== undefined) view.tabs.turn(turn);
  return by !== undefined || turn !== undefined;
}

byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
find.addEventListener("input", () => {
  const first = list.search(find.value);
  if (first !== undefined) choose(first);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (press(event.key, event.target as HTMLElement)) event.preventDefault();
});
addEventListener("hashchange", follow);
if (entries.length < 8) find.hidden = true;
byId("app").hidden = false;
follow();
