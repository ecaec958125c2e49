import type { Context, Emitter, Liquid } from "liquidjs";
import { outputText } from "./output_text.ts";

/** Nodes and blocks of Liquid that one part of one mail may pass through: a second or two; a mail takes a few. */
const MOST_STEPS = 1_000_000;
/** Characters and array elements that one part of one mail may make on its way, those it puts out included. */
const MOST_CHARACTERS = 10_000_000;

/** One part of one mail takes more than it may. */
export class RenderLimitError extends Error {
  override readonly name = "RenderLimitError";
}

type Limiter = Context["renderLimit"];

/**
 * Limits for one part of one mail, in the place of liquidjs' own.
 *
 * They count work. liquidjs looks at the clock, and so blames a row for a process that was stopped or a machine that was
 * busy.
 */
export function renderLimits(): { readonly renderLimit: Limiter; readonly memoryLimit: Limiter } {
  const steps = new Budget(MOST_STEPS, "it takes more than 1,000,000 steps");
  const characters = new Budget(MOST_CHARACTERS, "it makes more than 10,000,000 characters");
  return {
    // liquidjs checks the time before every block and every node, and gives the time as the count; it uses none.
    renderLimit: limiter((count) => steps.use(count), () => steps.use(1)),
    memoryLimit: limiter((count) => characters.use(count), () => {}),
  };
}

/** Has what is put out count as characters made, in `capture` too: doubled forty times it would fill the memory. */
export function countOutput({ renderer }: Liquid): void {
  const render = renderer.renderTemplates.bind(renderer);
  renderer.renderTemplates = (nodes, context, emitter) =>
    render(nodes, context, emitter ?? new CountingEmitter(context.memoryLimit));
}

class CountingEmitter implements Emitter {
  buffer = "";
  readonly #limit: Limiter;

  constructor(limit: Limiter) {
    this.#limit = limit;
  }

  write(output: unknown): void {
    const text = outputText(output);
    this.#limit.use(text.length);
    this.buffer += text;
  }
}

class Budget {
  #left: number;
  readonly #reason: string;

  constructor(most: number, reason: string) {
    this.#left = most;
    this.#reason = reason;
  }

  use(count: number): void {
    // liquidjs takes differences, and what a template gives as a width.
    if (count > 0) this.#left -= count;
    if (this.#left < 0) throw new RenderLimitError(this.#reason);
  }
}

/** liquidjs asks for its class, of which it uses these two methods. */
function limiter(use: (count: number) => void, check: (count: number) => void): Limiter {
  return { use, check } as unknown as Limiter;
}
