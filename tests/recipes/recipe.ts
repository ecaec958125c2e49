import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ended, run } from "../support/process.ts";
import { killTree, runningIn } from "../support/process_tree.ts";
import { programCommand } from "../support/program.ts";
import { missingLine, scriptOf, type Section, sectionsOf, type Step } from "./page.ts";

const PAGES = fileURLToPath(new URL("../../docs/recipes/", import.meta.url));

/** A row of `export --format jsonl`. */
export type ExportedRow = Readonly<Record<string, string>>;

export interface RecipeOptions {
  /** What stands for something of the test's in the page, such as the host of the relay. Each must occur. */
  readonly replaced: Readonly<Record<string, string>>;
  /** Files that the user of the page has, by name; of a longer one the page shows the beginning. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * A page of docs/recipes, followed in an empty folder as a user would: its files are written, its commands are run in one
 * shell after the other with the same folder and variables, and what it shows must be what the commands say.
 */
export class Recipe implements AsyncDisposable {
  readonly #folder: string;
  readonly #sections: Section[];
  readonly #given: Readonly<Record<string, string>>;
  #said = "";

  private constructor(
    folder: string,
    sections: Section[],
    given: Readonly<Record<string, string>>,
  ) {
    this.#folder = folder;
    this.#sections = sections;
    this.#given = given;
  }

  static async open(name: string, { replaced, files = {} }: RecipeOptions): Promise<Recipe> {
    let page = await Deno.readTextFile(join(PAGES, `${name}.md`));
    for (const [text, actual] of Object.entries(replaced)) {
      assert(page.includes(text), `${name}.md mentions '${text}'`);
      page = page.replaceAll(text, actual);
    }
    const folder = await Deno.makeTempDir({ prefix: `${name}-` });
    page = page.replaceAll("/home/acme/", `${folder}/home/`);
    const recipe = new Recipe(folder, sectionsOf(page), files);
    await writeProgram(join(folder, "bin"));
    await Deno.mkdir(join(folder, "home"));
    await Deno.mkdir(join(folder, "work"));
    await Deno.writeTextFile(join(folder, "state"), `cd '${join(folder, "work")}'\n`);
    for (const [file, text] of Object.entries(files)) await recipe.write(file, text);
    return recipe;
  }

  /** @param file Relative to the folder in which the page begins, or to the user's: `~/Mail`. */
  path(file: string): string {
    return file.startsWith("~/")
      ? join(this.#folder, "home", file.slice(2))
      : join(this.#folder, "work", file);
  }

  async write(file: string, text: string): Promise<void> {
    await Deno.mkdir(dirname(this.path(file)), { recursive: true });
    await Deno.writeTextFile(this.path(file), text);
  }

  /** Follows the page up to the end of this section; what is between two of them is the world's doing, and so the test's. */
  async followTo(title: string): Promise<void> {
    assert(this.#sections.some((section) => section.title === title), `There is no '${title}'`);
    for (let section; (section = this.#sections.shift()) !== undefined;) {
      for (const step of section.steps) await this.#take(step, section.title);
      if (section.title === title) return;
    }
  }

  async followToEnd(): Promise<void> {
    const last = this.#sections.at(-1);
    if (last !== undefined) await this.followTo(last.title);
  }

  /** Runs a command that is not in the page. */
  async shell(commands: string): Promise<Ended> {
    const { PATH, ...env } = programCommand().env;
    const state = join(this.#folder, "state");
    return await run("sh", ["-c", inState(state, commands)], {
      env: {
        XDG_CACHE_HOME: `${env["HOME"]}/.cache`,
        ...env,
        HOME: join(this.#folder, "home"),
        XDG_CONFIG_HOME: join(this.#folder, "home", ".config"),
        PATH: `${join(this.#folder, "bin")}:${PATH}`,
      },
    });
  }

  /** What the ledger says in the end. */
  async exported(ledger: string, ...more: readonly string[]): Promise<readonly ExportedRow[]> {
    const { code, stdout, stderr } = await this.shell(
      `email-dispatcher export --ledger '${this.path(ledger)}' --format jsonl ${more.join(" ")}`,
    );
    assert.equal(code, 0, stderr);
    return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  }

  /** Ends what the page has left running in the background, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    runningIn(this.path("")).forEach(killTree);
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #take(step: Step, title: string): Promise<void> {
    if (step.kind === "file") {
      const given = this.#given[step.name];
      if (given === undefined) return await this.write(step.name, step.text);
      assert(given.startsWith(step.text), `${step.name} begins as the page shows it: ${step.text}`);
      return;
    }
    if (step.kind === "output") {
      const missing = missingLine(step.lines, this.#said);
      assert.equal(
        missing,
        undefined,
        `${title}: in the output there is no '${missing}':\n${this.#said}`,
      );
      return;
    }
    const { code, stdout } = await this.shell(`exec 2>&1\n${scriptOf(step.text)}`);
    this.#said = stdout;
    // deno-lint-ignore no-console
    if (Deno.env.has("RECIPES_SHOWN")) console.log(`${step.text}\n${this.#said}`);
    assert.equal(code, 0, `${title}: ${step.text}exit code ${code}\n${this.#said}`);
  }
}

/** `email-dispatcher`, as installed. */
async function writeProgram(folder: string): Promise<void> {
  const { command, args } = programCommand();
  await Deno.mkdir(folder);
  const words = [command, ...args].map((word) => `'${word}'`).join(" ");
  await Deno.writeTextFile(join(folder, "email-dispatcher"), `#!/bin/sh\nexec ${words} "$@"\n`, {
    mode: 0o755,
  });
}

/** A script that begins where the one before it ended, with its folder and its variables. */
function inState(state: string, commands: string): string {
  return [
    `. '${state}'`,
    // All variables last, as in one shell, not only those that are exported.
    "set -a",
    `trap 'code=$?; { export -p; printf "cd \\047%s\\047\\n" "$PWD"; } > "${state}"; exit $code' EXIT`,
    commands,
  ].join("\n");
}
