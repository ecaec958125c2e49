import assert from "node:assert/strict";
import { newsletters } from "./collection.ts";
import { Judge, type StaticMedia } from "./judge.ts";
import { VARIANTS } from "./variants.ts";
import { type Verdict, verdictsOf } from "./verdict.ts";

// Published newsletters as templates of this program: a browser compares each with the mail's HTML.

const ALL = newsletters();
const ignore = ALL.length === 0;
/** Only newsletters whose names contain this. */
const SOME = Deno.env.get("NEWSLETTERS") ?? "";
/**
 * `@media screen {` and `only screen` hide rules, mostly web fonts, from clients that read no media queries: they stay.
 */
const MEDIA: StaticMedia = {
  plainMedia: Deno.env.get("STATIC_MEDIA")?.includes("rule") ?? false,
  only: Deno.env.get("STATIC_MEDIA")?.includes("only") ?? false,
};
/** How many properties a client without `<style>` may lack because a rule that stays also sets them. */
const MOST_EXCUSED = 3;

interface Judged {
  readonly newsletter: string;
  readonly verdict: Verdict;
}

/** The verdicts on all newsletters, by the name of the variant. */
async function judgeAll(): Promise<ReadonlyMap<string, readonly Judged[]>> {
  const judged = new Map(VARIANTS.map(({ name }) => [name, [] as Judged[]]));
  await using judge = await Judge.start();
  for (const newsletter of ALL.filter(({ name }) => name.includes(SOME))) {
    const verdicts = await verdictsOf(judge, newsletter, VARIANTS, MEDIA);
    for (const [index, verdict] of verdicts.entries()) {
      judged.get(VARIANTS[index]!.name)!.push({ newsletter: newsletter.name, verdict });
    }
  }
  return judged;
}

function assertNone(judged: readonly Judged[], kind: "structure" | "styles" | "bare"): void {
  const wrong = judged.filter(({ verdict }) => verdict[kind].length > 0);
  const list = wrong.map(({ newsletter, verdict }) =>
    [newsletter, ...verdict[kind].map((line) => `    ${line}`)].join("\n")
  );
  assert(wrong.length === 0, `${wrong.length} of ${judged.length}:\n${list.join("\n")}`);
}

/** Shows what is excused, so that a reader can judge whether it must be. */
function assertFewExcused(judged: readonly Judged[]): void {
  const lines = judged.flatMap(({ newsletter, verdict }) =>
    verdict.excused.map(({ element, property, kind }) =>
      `${newsletter}: ${property} of ${element} (${kind})`
    )
  );
  Deno.stderr.writeSync(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  assert(lines.length <= MOST_EXCUSED, `${lines.length} are excused:\n${lines.join("\n")}`);
}

Deno.test({
  name: "The newsletters of the collection arrive as they were written",
  ignore,
  async fn(t) {
    assert(ALL.length >= 75, `${ALL.length} newsletters`);
    const judged = await judgeAll();
    for (const [variant, ones] of judged) {
      await t.step(
        `${variant}: elements, comments, attributes, text and doctype are the same`,
        () => assertNone(ones, "structure"),
      );
      await t.step(
        `${variant}: computed styles are the same at 390 and 800 px, light and dark`,
        () => assertNone(ones, "styles"),
      );
      await t.step(
        `${variant}: a client that drops <style> finds every static rule in the style attributes`,
        () => assertNone(ones, "bare"),
      );
      await t.step(`${variant}: hardly any property is left to <style> alone`, () => {
        assertFewExcused(ones);
      });
    }
  },
});
