import { fileURLToPath } from "node:url";
import { type Bar, barChart, type BarGroup } from "./chart.ts";
import { insert } from "./document.ts";
import { markdownTable, type Table } from "./table.ts";

const DOCUMENT = new URL("../docs/performance.md", import.meta.url);
const CHART = new URL("../docs/performance.svg", import.meta.url);

/** Prints the measurements, and collects them for the documentation. */
export class Report {
  readonly #print: (text: string) => void;
  readonly #contents = new Map<string, string>();
  readonly #groups: BarGroup[] = [];

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  /** Describes the hardware and software, without anything that identifies the machine. */
  machine(): void {
    const { os, arch } = Deno.build;
    const text =
      `${navigator.hardwareConcurrency} cores, ${os} ${arch}, Deno ${Deno.version.deno}, ` +
      new Date().toISOString().slice(0, 10);
    this.#contents.set("machine", text);
    this.#print(text);
  }

  table(name: string, title: string, table: Table): void {
    const text = markdownTable(table);
    this.#contents.set(name, text);
    this.#print(`\n${title}\n\n${text}`);
  }

  bars(title: string, bars: readonly Bar[]): void {
    this.#groups.push({ title, bars });
  }

  /** Updates docs/performance.md between its markers, and the chart if all its bars were measured. */
  async write({ chart }: { readonly chart: boolean }): Promise<void> {
    let document = await Deno.readTextFile(DOCUMENT);
    for (const [name, text] of this.#contents) document = insert(document, name, text);
    await Deno.writeTextFile(DOCUMENT, document);
    if (chart) await Deno.writeTextFile(CHART, barChart(this.#groups));
    this.#print(`\nWritten to ${fileURLToPath(DOCUMENT).split("/").slice(-2).join("/")}`);
  }
}
