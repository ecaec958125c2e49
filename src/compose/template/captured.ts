import { CaptureTag, type Context, Drop, type Liquid } from "liquidjs";

/** The result of `capture`: ordinary text for conditions and filters, and markup of the template's author. */
export class Captured extends Drop {
  readonly text: string;
  readonly markup: string;

  constructor(text: string, markup: string) {
    super();
    this.text = text;
    this.markup = markup;
  }

  get size(): number {
    return this.text.length;
  }

  override valueOf(): string {
    return this.text;
  }
}

/** Makes `capture` store what `make` returns for its rendered content. */
export function registerCapture(liquid: Liquid, make: (rendered: string) => Captured): void {
  liquid.registerTag(
    "capture",
    class extends CaptureTag {
      override *render(context: Context): Generator<unknown, void, string> {
        yield* super.render(context);
        const scope = context.bottom() as Record<string, unknown>;
        scope[this.variable] = make(String(scope[this.variable]));
      }
    },
  );
}
