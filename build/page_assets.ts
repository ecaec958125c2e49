import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runDeno } from "./run_deno.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VIEWER = join(ROOT, "src/preview/viewer");
/** The parts of the style, in the order of the cascade. */
const STYLE = ["page", "recipient_list", "mail", "tab_content", "media"];

/**
 * The file that embeds the style and script of the preview's page in the program.
 *
 * It is JSON, which `deno run`, `deno compile` and the bundle can all import as a module, so that nothing is read at
 * run time. Text can be imported in the same way only since Deno 2.6, behind a flag.
 */
export const PAGE_ASSETS = join(ROOT, "src/preview/page_assets.json");

/** Makes the content of `PAGE_ASSETS` from the files in `src/preview/viewer`. */
export async function buildPageAssets(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "email-dispatcher-page-" });
  try {
    const output = join(folder, "main.js");
    const options = ["--quiet", "--platform", "browser", "--format", "iife", "--output", output];
    await runDeno(["bundle", ...options, join(VIEWER, "main.ts")]);
    const style = await joinedStyle();
    const script = await Deno.readTextFile(output);
    // The HTML parser would end the element there, or read past its end (WHATWG HTML, 4.12.1.3).
    if (/<\/(?:script|style)|<!--/i.test(style + script)) {
      throw new Error("The style or script of the page holds markup that would end its element");
    }
    // The bundler's comments with file names are of no use in the page.
    const plain = script.replaceAll(/^ *\/\/ src\/.*\n/gm, "");
    return `${JSON.stringify({ style, script: plain }, null, 2)}\n`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function joinedStyle(): Promise<string> {
  const parts = STYLE.map((name) => Deno.readTextFile(join(VIEWER, "style", `${name}.css`)));
  return (await Promise.all(parts)).join("\n");
}

if (import.meta.main) await Deno.writeTextFile(PAGE_ASSETS, await buildPageAssets());
