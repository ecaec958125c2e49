import { InputError } from "../../model/input_error.ts";
import { LiquidError } from "liquidjs";
import type { Folder } from "../files/folder.ts";
import { isRenderLimit } from "../template/liquid.ts";
import type { Compiled, SlotDialect } from "../template/slots.ts";
import { formatOf, type TemplateSource } from "../template/template.ts";
import type { RowScope } from "../template/template_variables.ts";
import { BoundedMap } from "../template/bounded_map.ts";
import { OutcomeEngine } from "./engine.ts";
import type { OutputValue } from "./outputs.ts";
import { asWritten } from "./page_error.ts";
import {
  asTemplate,
  fillPage,
  htmlPieces,
  type PagePiece,
  PageRendering,
  textPieces,
} from "./page_slots.ts";
import { BranchCoverage } from "./branch_coverage.ts";
import { Words } from "./words.ts";

/** What rows share for which a template's tags give the same result. */
interface Page {
  readonly html: readonly PagePiece[];
  /** Made when a mail asks for it. */
  text: readonly PagePiece[] | undefined;
  /** The HTML with words for values. */
  readonly worded: string;
}

/** A row's page, and its values. */
interface RowPage {
  readonly row: RowScope;
  readonly page: Page;
  readonly values: readonly OutputValue[];
}

/** Characters of HTML whose pages are cached, as another row may have the same. */
const MOST_KEPT = 16_000_000;

export interface PageInput {
  readonly body: TemplateSource;
  /** The files that it includes. */
  readonly includes: readonly TemplateSource[];
  readonly folder: Folder;
  /** Renders HTML. */
  readonly html: SlotDialect;
  /** Turns HTML with Liquid into what is mailed. @throws {InputError} */
  readonly finish: (html: string) => string;
}

/**
 * The pages of a template whose Markdown cannot be compiled once, as its tags decide about it: each row's page is made when
 * the row is mailed, from what the tags give for it, and serves all rows for which they give the same.
 */
export class Pages {
  readonly #input: PageInput;
  readonly #words = new Words(randomWord());
  readonly #engine: OutcomeEngine;
  readonly #compiled: Compiled;
  readonly #pages = new BoundedMap<Page>(MOST_KEPT);
  /** Both parts of a mail ask for the same row. */
  #last: RowPage | undefined;

  constructor(input: PageInput) {
    this.#input = input;
    this.#engine = new OutcomeEngine(input.folder, formatOf(input.body.file), this.#words);
    this.#compiled = this.#engine.compile(input.body, input.html);
  }

  /** Makes a page for each branch, so that any error is known before the first mail. @throws {InputError} */
  tryAll(): void {
    const { variables } = this.#input.html;
    const fields = variables.columns.names.map(() => "x");
    const trial = new BranchCoverage();
    while (trial.next()) {
      try {
        this.#make({ fields, key: "x" }, trial);
      } catch (error) {
        // Made-up values may be wrong where those of the list are right.
        if (!LiquidError.is(error) && !isRenderLimit(error)) throw error;
      }
    }
  }

  /** The HTML part, as a template of one piece. */
  html(): Compiled {
    return this.#part(({ html }) => html);
  }

  /** The text part made from the HTML. */
  text(): Compiled {
    return this.#part((page) => page.text ??= textPieces(page.worded, this.#words));
  }

  #part(piecesOf: (page: Page) => readonly PagePiece[]): Compiled {
    const fill = (row: RowScope): string => {
      const { page, values } = this.#of(row);
      return fillPage(piecesOf(page), new PageRendering(values, row));
    };
    return { ...this.#compiled, dialect: this.#input.html, pieces: [({ row }) => fill(row)] };
  }

  #of(row: RowScope): RowPage {
    if (this.#last?.row !== row) this.#last = this.#make(row);
    return this.#last;
  }

  #make(row: RowScope, trial?: BranchCoverage): RowPage {
    const { html, values } = this.#engine.render(this.#compiled, row, trial);
    let page = this.#pages.get(html);
    if (page === undefined) {
      page = this.#pageOf(html);
      this.#pages.set(html, page, 2 * html.length);
    }
    return { row, page, values };
  }

  #pageOf(worded: string): Page {
    const { body, includes, finish, html: { engine, extras = new Map() } } = this.#input;
    let finished: string;
    try {
      finished = finish(asTemplate(worded, this.#words));
    } catch (error) {
      throw error instanceof InputError ? asWritten(error, [body, ...includes]) : error;
    }
    const nodes = engine.parse({ ...body, text: finished });
    return { html: htmlPieces(nodes, engine, extras), text: undefined, worded };
  }
}

/** Random letters, so many that no file or cell contains them. */
function randomWord(): string {
  const letters = crypto.getRandomValues(new Uint8Array(12));
  return "xlq" + Array.from(letters, (octet) => String.fromCharCode(97 + octet % 26)).join("");
}
