/** What a page of docs/recipes tells its reader to do, in the order of the page. */
export type Step =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  /** Commands, as typed. */
  | { readonly kind: "commands"; readonly text: string }
  /** What the commands before it show; `…` stands for anything. */
  | { readonly kind: "output"; readonly lines: readonly string[] };

/** The steps below one heading. */
export interface Section {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** A heading, or a fenced block with the line above it that is not blank. */
const PART = /^##? (.*)$|(?:^(.*)\n\n*)?^(`{3,})(\w*)\n([\s\S]*?)^\3$/gm;

/**
 * Reads a page: blocks of `sh` are commands, blocks of `text` are their output, any other block is the file that the line
 * above it names, as in "The settings are in `campaign.toml`:".
 *
 * @throws if a block is none of these
 */
export function sectionsOf(markdown: string): Section[] {
  const sections: { title: string; steps: Step[] }[] = [];
  for (const [, title, above = "", , language, text] of markdown.matchAll(PART)) {
    if (title !== undefined) sections.push({ title, steps: [] });
    else sections.at(-1)!.steps.push(stepOf(language!, text!, above));
  }
  return sections;
}

function stepOf(language: string, text: string, above: string): Step {
  if (language === "sh") return { kind: "commands", text };
  if (language === "text") return { kind: "output", lines: text.trimEnd().split("\n") };
  const name = /`([^`]+)`:$/.exec(above.trimEnd())?.[1];
  if (name === undefined) throw new Error(`A block of ${language} without a file: ${text}`);
  return { kind: "file", name, text };
}

const EXIT_CODE = /^(.*?)\s+# exit code (\d+)\b.*$/;

/**
 * Returns the commands as a script that ends at the first one with an unexpected exit code. The expected one is 0, or what
 * a comment at the end of the command says: `# exit code 2`.
 */
export function scriptOf(commands: string): string {
  const lines: string[] = ["set -e"];
  let begun: string[] = [];
  for (const line of commands.trimEnd().split("\n")) {
    const [, typed, code] = EXIT_CODE.exec(line) ?? [];
    begun.push(typed ?? line);
    if (line.endsWith("\\")) continue;
    lines.push(...code === undefined ? begun : expecting(code, begun));
    begun = [];
  }
  return [...lines, ...begun].join("\n");
}

function expecting(code: string, command: readonly string[]): string[] {
  return [
    "{",
    ...command,
    "} && code=0 || code=$?",
    `[ "$code" = ${code} ] || { echo "Expected exit code ${code}, found $code" >&2; exit 99; }`,
  ];
}

/** Returns the first of the lines that the output lacks, where each must come after the one before. */
export function missingLine(lines: readonly string[], output: string): string | undefined {
  const shown = output.split("\n").map(withoutColumns);
  let at = 0;
  for (const line of lines) {
    const wanted = withoutColumns(line);
    if (wanted === "…") continue;
    const pattern = new RegExp(
      `^${wanted.split("…").map((part) => RegExp.escape(part)).join(".*")}$`,
    );
    const found = shown.findIndex((one, index) => index >= at && pattern.test(one));
    if (found < 0) return line;
    at = found + 1;
  }
  return undefined;
}

/** How far the columns of an output are apart depends on its longest label. */
function withoutColumns(line: string): string {
  return line.trim().replaceAll(/ {2,}/g, " ");
}
