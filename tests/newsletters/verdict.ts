import type { Newsletter } from "./collection.ts";
import {
  type Excused,
  type Judge,
  LOOKS,
  type StaticMedia,
  type StyleDifference,
} from "./judge.ts";
import { endedLike, oneMailHtmlOf } from "./mail_html.ts";
import type { Variant } from "./variants.ts";

/** What is wrong with the mail made from a newsletter in one way, a line for each fault. */
export interface Verdict {
  /** The tree of nodes. */
  readonly structure: readonly string[];
  /** Computed styles in a client that reads `<style>`. */
  readonly styles: readonly string[];
  /** Computed styles in a client that drops it. */
  readonly bare: readonly string[];
  readonly excused: readonly Excused[];
}

/** Judges the mails made from one newsletter in several ways. */
export async function verdictsOf(
  judge: Judge,
  { html }: Newsletter,
  variants: readonly Variant[],
  media: StaticMedia,
): Promise<readonly Verdict[]> {
  const mails = await Promise.all(
    variants.map(async ({ template }) => endedLike(html, await oneMailHtmlOf(template(html)))),
  );
  // Identical mails are judged once.
  const judged = mails.map((mail) => mails.indexOf(mail));
  const own = mails.flatMap((_, index) => judged[index] === index ? [index] : []);
  await judge.load({
    original: html,
    ...Object.fromEntries(own.map((index) => [`mail${index}`, mails[index]!])),
  });
  const verdicts = new Map(
    own.map((index) => [
      index,
      {
        structure: [] as string[],
        styles: [] as string[],
        bare: [] as string[],
        excused: [] as Excused[],
      },
    ]),
  );
  for (const [index, { structure }] of verdicts) {
    const found = await judge.compareStructure("original", `mail${index}`, variants[index]);
    if (found !== null) structure.push(`expected ${found.expected}\n      found ${found.found}`);
  }
  for (const look of LOOKS) {
    await judge.look(look);
    for (const [index, { styles }] of verdicts) {
      const { count, first } = await judge.compareStyles(
        "original",
        `mail${index}`,
        variants[index],
      );
      if (count > 0) styles.push(`${look.width} px, ${look.scheme}: ${describe(count, first)}`);
    }
  }
  await judge.look(LOOKS[0]!);
  const staying = await judge.keepStaticRules("original", media);
  for (const [index, { bare, excused }] of verdicts) {
    excused.push(...await judge.dropStyles("original", `mail${index}`, staying, variants[index]));
    const { count, first } = await judge.compareStyles("original", `mail${index}`, {
      ...variants[index],
      onlyShown: true,
    });
    if (count > 0) bare.push(describe(count, first));
  }
  await judge.unload();
  return judged.map((index) => verdicts.get(index)!);
}

/** How many elements differ, and the first of the differences. */
function describe(count: number, [first]: readonly StyleDifference[]): string {
  const { element, property, expected, found } = first!;
  return `${count} elements; ${element}: ${property} is ${found}, not ${expected}`;
}
