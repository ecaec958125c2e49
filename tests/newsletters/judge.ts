import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Browser } from "../support/browser.ts";

/** A window: its width in CSS pixels, and the colour scheme that the reader prefers. */
export interface Look {
  readonly width: number;
  readonly scheme: "light" | "dark";
}

export const LOOKS: readonly Look[] = [
  { width: 800, scheme: "light" },
  { width: 800, scheme: "dark" },
  { width: 390, scheme: "dark" },
  { width: 390, scheme: "light" },
];

export interface StyleDifference {
  /** By its tag, id, classes and number. */
  readonly element: string;
  readonly property: string;
  readonly expected: string;
  readonly found: string;
}

export interface StyleComparison {
  /** Elements that were compared. */
  readonly elements: number;
  /** Elements that differ. */
  readonly count: number;
  /** Some of the differences, those that others follow from first. */
  readonly first: readonly StyleDifference[];
}

/** Which `@media` rules and `media` attributes hold on every screen. */
export interface StaticMedia {
  /** `@media all {` and `@media screen {`. */
  readonly plainMedia: boolean;
  /** `only screen`, in an attribute, and where there is `plainMedia` as a rule. */
  readonly only: boolean;
}

/** A property that may be missing from a `style` attribute, because a rule that stays also sets it. */
export interface Excused {
  readonly element: string;
  readonly property: string;
  readonly kind: "media" | "state" | "client" | "conditional" | "mso";
}

interface CompareOptions {
  /** Text shown beside the subject: its element has no counterpart in the first document. */
  readonly preheader?: string | undefined;
}

const PAGE = join(dirname(fileURLToPath(import.meta.url)), "page");
const SCRIPTS = ["documents.js", "structure.js", "static_rules.js", "exceptions.js"];

/** Chromium, without a network, judges whether two HTML documents are the same and look the same. */
export class Judge implements AsyncDisposable {
  readonly browser: Browser;

  private constructor(browser: Browser) {
    this.browser = browser;
  }

  static async start(): Promise<Judge> {
    const judge = new Judge(await Browser.start("--host-resolver-rules=MAP * ~NOTFOUND"));
    await judge.browser.command("Network.setBlockedURLs", { urls: ["*://*"] });
    for (const domain of ["DOM", "CSS"]) await judge.browser.command(`${domain}.enable`);
    for (const script of SCRIPTS) {
      await judge.browser.evaluate(await Deno.readTextFile(join(PAGE, script)) + "\n;0");
    }
    return judge;
  }

  /** Writes documents into frames; the other methods refer to them by name. */
  async load(documents: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, html] of Object.entries(documents)) await this.call("load", name, html);
  }

  /** Removes all documents. */
  async unload(): Promise<void> {
    await this.call("unload");
  }

  /** Shows the documents in a window of another kind. */
  async look({ width, scheme }: Look): Promise<void> {
    const size = { width, height: 1000, screenWidth: width, screenHeight: 1000 };
    const device = { ...size, deviceScaleFactor: 1, mobile: false };
    await this.browser.command("Emulation.setDeviceMetricsOverride", device);
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.browser.command("Emulation.setEmulatedMedia", { features });
    await this.call("look", width, scheme);
  }

  /** Where the second document's computed styles are not those of the first. */
  compareStyles(
    first: string,
    second: string,
    options: CompareOptions & { readonly onlyShown?: boolean } = {},
  ): Promise<StyleComparison> {
    return this.call("compareStyles", first, second, options);
  }

  /** The first node that differs: elements, attributes but `style`, comments, text, doctype. */
  compareStructure(
    first: string,
    second: string,
    options: CompareOptions = {},
  ): Promise<{ readonly expected: string; readonly found: string } | null> {
    return this.call("compareStructure", first, second, options);
  }

  /**
   * Drops all rules of a document but those that apply for every recipient on a screen.
   *
   * @returns What the dropped rules may set, for {@linkcode dropStyles}.
   */
  async keepStaticRules(name: string, media: StaticMedia): Promise<unknown> {
    const staying = await this.call("stayingProperties", name, media);
    await this.call("keepStaticRules", name, media);
    return staying;
  }

  /**
   * Renders a mail as a client without `<style>` does, and adds the properties that it may lack.
   *
   * @param reference The document with its static rules only.
   */
  async dropStyles(
    reference: string,
    mail: string,
    staying: unknown,
    options: CompareOptions = {},
  ): Promise<readonly Excused[]> {
    await this.call("dropStyles", mail);
    return await this.call("excuse", reference, mail, staying, options);
  }

  /** Puts every third element of some documents into states such as `hover`, or clears all states. */
  async forceStates(
    names: readonly string[],
    offset: number,
    forcedPseudoClasses: readonly string[],
  ): Promise<void> {
    await this.browser.command("DOM.getDocument", { depth: 0 });
    const force = async (name: string, index: number): Promise<void> => {
      const expression = `elementAt(${JSON.stringify(name)}, ${index})`;
      const { result } = await this.browser.command("Runtime.evaluate", { expression });
      const { objectId } = result as { objectId: string };
      const { nodeId } = await this.browser.command("DOM.requestNode", { objectId });
      await this.browser.command("CSS.forcePseudoState", { nodeId, forcedPseudoClasses });
    };
    for (const name of names) {
      const count = await this.call<number>("countElements", name);
      const chosen = Array.from({ length: count }, (_, index) => index)
        .filter((index) => index % 3 === offset);
      await Promise.all(chosen.map((index) => force(name, index)));
    }
    await this.call("forget");
  }

  /** Calls a function of the page's scripts; arguments and result go by JSON. */
  call<T>(name: string, ...input: readonly unknown[]): Promise<T> {
    return this.browser.evaluate(`${name}(${input.map((one) => JSON.stringify(one)).join(", ")})`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
  }
}
