import fc from "fast-check";
import { Judge, type Look, LOOKS } from "./judge.ts";
import { endedLike, mailHtmlOf, type Row } from "./mail_html.ts";
import { DOCUMENT, ROWS, TEMPLATE } from "./random/document.ts";
import { renderedHtmlOf } from "./rendered.ts";

/** The same in every run, unless DOCUMENT_SEED is set; DOCUMENT_SEED and DOCUMENT_PATH, as printed, repeat one. */
const numRuns = Number(Deno.env.get("DOCUMENTS") ?? 150);
const seed = Number(Deno.env.get("DOCUMENT_SEED") ?? 1);
const path = Deno.env.get("DOCUMENT_PATH");
/** The time for shrinking a document that fails. */
const SHRINKING_MS = 60_000;

/** Only `media` attributes count, as for newsletters. */
const MEDIA = { plainMedia: false, only: false };
const BOTH = ["original", "mail"];
const STATES = ["hover", "active", "focus", "visited"];

/** Compares the documents in several windows, and with every third element in a state such as `hover`. */
async function assertSame(judge: Judge, looks: readonly Look[], about: string): Promise<void> {
  const fail = (what: string, found: unknown): never => {
    throw new Error(`${what}: ${JSON.stringify(found, null, 1)}\n${about}`);
  };
  const structure = await judge.compareStructure("original", "mail");
  if (structure !== null) fail("Another tree", structure);
  for (const look of looks) {
    await judge.look(look);
    const { count, first } = await judge.compareStyles("original", "mail");
    if (count > 0) fail(`Other styles at ${JSON.stringify(look)}`, first.slice(0, 3));
  }
  if (!/:(?:hover|active|focus|visited)/.test(about)) return;
  for (const offset of [0, 1, 2]) {
    await judge.forceStates(BOTH, offset, STATES);
    const { count, first } = await judge.compareStyles("original", "mail");
    if (count > 0) fail(`Other styles under the pointer, by 3 from ${offset}`, first.slice(0, 3));
    await judge.forceStates(BOTH, offset, []);
  }
}

async function assertStaticRulesInline(judge: Judge, about: string): Promise<void> {
  await judge.look(LOOKS[0]!);
  const staying = await judge.keepStaticRules("original", MEDIA);
  await judge.dropStyles("original", "mail", staying);
  const { count, first } = await judge.compareStyles("original", "mail", { onlyShown: true });
  if (count === 0) return;
  throw new Error(`Without <style>: ${JSON.stringify(first.slice(0, 3), null, 1)}\n${about}`);
}

async function check<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => Promise<void>) {
  await fc.assert(fc.asyncProperty(arbitrary, holds), {
    numRuns,
    seed,
    ...(path !== undefined && { path }),
    interruptAfterTimeLimit: SHRINKING_MS + numRuns * 200,
  });
}

Deno.test("A random document looks the same in a mail, even under the pointer, and its static rules are in style attributes", async () => {
  await using judge = await Judge.start();
  await check(DOCUMENT, async (html) => {
    const [mail] = await mailHtmlOf({ body: html });
    const about = `${html}\n---- the mail:\n${mail}`;
    await judge.load({ original: html, mail: mail! });
    await assertSame(judge, LOOKS, about);
    await assertStaticRulesInline(judge, about);
  });
});

Deno.test("A random template with Liquid looks, for each row, as if rendered by Liquid alone", async () => {
  await using judge = await Judge.start();
  const rows = fc.array(ROWS, { minLength: 1, maxLength: 3 });
  await check(fc.tuple(TEMPLATE, rows), async ([body, given]) => {
    const mails = await mailHtmlOf({ body }, given as unknown as [Row, ...Row[]]);
    for (const [index, mail] of mails.entries()) {
      const original = renderedHtmlOf({ body }, given[index]!);
      await judge.load({ original, mail: endedLike(original, mail) });
      const about = `${body}\n---- for ${
        JSON.stringify(given[index])
      }:\n${original}\n---- the mail:\n${mail}`;
      await assertSame(judge, [LOOKS[0]!, LOOKS[2]!], about);
    }
  });
});
