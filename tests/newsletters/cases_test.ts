import assert from "node:assert/strict";
import { type Case, LIGHT } from "./cases/case.ts";
import { DOCUMENTS, LIQUID } from "./cases/documents.ts";
import { ATTRIBUTES, CLIENTS, STAYING } from "./cases/styles.ts";
import { Judge } from "./judge.ts";
import { type HtmlTemplate, mailHtmlOf } from "./mail_html.ts";
import { renderedHtmlOf } from "./rendered.ts";

// Small documents that must look the same in a mail, with the values that a browser computes.

function templateOf({ head = "", body = "", whole, files = {}, preheader }: Case): HtmlTemplate {
  return {
    body: whole ??
      `<!DOCTYPE html>\n<html><head><title>x</title>${head}</head><body>${body}</body></html>\n`,
    files,
    headers: preheader === undefined ? [] : [`Preheader: ${preheader}`],
  };
}

/** The value of an expression in the document of that name, which has been loaded. */
function valueIn(judge: Judge, name: string, expression: string): Promise<unknown> {
  return judge.browser.evaluate(
    `((document) => {
      const getComputedStyle = document.defaultView.getComputedStyle;
      const style = (selector, pseudo) => getComputedStyle(document.querySelector(selector), pseudo);
      return ${expression};
    })(documentOf(${JSON.stringify(name)}))`,
  );
}

async function assertShows(judge: Judge, one: Case, name: string, html: string): Promise<void> {
  if (one.before !== undefined) await valueIn(judge, name, one.before);
  for (const [expression, value] of one.shows) {
    assert.deepEqual(await valueIn(judge, name, expression), value, `${expression} in\n${html}`);
  }
}

async function assertHolds(judge: Judge, one: Case): Promise<void> {
  const { row = { Name: "Ann" }, look = LIGHT, preheader, hasParts = false } = one;
  const template = templateOf(one);
  const original = renderedHtmlOf(template, row);
  const [mail] = await mailHtmlOf(template, [row]);
  await judge.load({ original, mail: mail! });
  await judge.look(look);
  if (!hasParts) {
    const found = await judge.compareStructure("original", "mail", {
      ...(preheader !== undefined && { preheader }),
    });
    assert.deepEqual(found, null, `another tree:\n${mail}`);
  }
  // First the author's document: the expected values must be what a browser shows for it.
  if (!hasParts && preheader === undefined) await assertShows(judge, one, "original", original);
  await assertShows(judge, one, "mail", mail!);
}

const GROUPS: Readonly<Record<string, readonly Case[]>> = {
  "Rules that stay in <style> win in a mail where they won": STAYING,
  "Rules about what mail programs add apply in a mail": CLIENTS,
  "No attribute is added, changed or misread in a mail": ATTRIBUTES,
  "A mail's HTML is the author's document": DOCUMENTS,
  "Inlined styles hold whatever Liquid removes or repeats": LIQUID,
};

for (const [name, cases] of Object.entries(GROUPS)) {
  Deno.test(name, async (t) => {
    await using judge = await Judge.start();
    for (const one of cases) await t.step(one.name, () => assertHolds(judge, one));
  });
}
