import type { Context, Emitter, Liquid } from "liquidjs";
import { outputText } from "./output_text.ts";

/** Liquid nodes and blocks that one part of one mail may render, which takes a second or two; a typical mail has a few. */
const MOST_STEPS = 1_000_000;
/** Characters and array elements that one part of one mail may produce, including its output. */
const MOST_CHARACTERS = 10_000_000;

/** One part of one mail exceeds a limit. */
export class RenderLimitError extends Error {
  override readonly name = "RenderLimitError";
}

type Limiter = Context["renderLimit"];

/**
 * Limits for one part of one mail, in place of liquidjs' own.
 *
 * They count work. liquidjs uses the clock, which would blame a row for a suspended process or a busy machine.
 */
export function renderLimits(): { readonly renderLimit: Limiter; readonly memoryLimit: Limiter } {
  const steps = new Budget(MOST_STEPS, "it takes more than 1,000,000 steps");
  const characters = new Budget(MOST_CHARACTERS, "it produces more than 10,000,000 characters");
  return {
    // liquidjs checks the time before every block and node, with the time as the count, and itself never calls `use`.
    renderLimit: limiter((count) => steps.use(count), () => steps.use(1)),
    memoryLimit: limiter((count) => characters.use(count), () => {}),
  };
}

/** Counts output as characters produced, including that of `capture`: doubled forty times, it would fill the memory. */
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
    // The count may be negative: a difference, or a width that a template gives.
    if (count > 0) this.#left -= count;
    if (this.#left < 0) throw new RenderLimitError(this.#reason);
  }
}

/** liquidjs requires its own class, but uses only these two methods. */
function limiter(use: (count: number) => void, check: (count: number) => void): Limiter {
  return { use, check } as unknown as Limiter;
}
