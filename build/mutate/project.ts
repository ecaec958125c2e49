import { join, relative } from "node:path";

/** Not copied with a project: they are large, and no test reads them. */
const NOT_COPIED = [".git", "dist", "outbox", "node_modules"];

/** The folders with the TypeScript files of a project. */
const FOLDERS = ["src", "tests", "bench", "build"];

/** Returns the text of each TypeScript file of a project, by its path within the project. */
export function sourceFiles(root: string): Map<string, string> {
  const paths = FOLDERS.flatMap((folder) => [...filesBelow(join(root, folder))]);
  const sources = paths.filter((path) => path.endsWith(".ts")).sort();
  return new Map(sources.map((path) => [relative(root, path), Deno.readTextFileSync(path)]));
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* filesBelow(path);
    else if (entry.isFile) yield path;
  }
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The examples next to a project, if present, which tests read. */
const BESIDE = "shared";

/** Copies a project to a folder in which its files can be changed. */
export async function copyProject(root: string, target: string): Promise<void> {
  await Deno.mkdir(target);
  const beside = join(root, "..", BESIDE);
  if (entriesOf(beside).length > 0) await Deno.symlink(beside, join(target, "..", BESIDE));
  for (const entry of entriesOf(root)) {
    if (!NOT_COPIED.includes(entry.name)) {
      await copy(join(root, entry.name), join(target, entry.name));
    }
  }
  await permitUnused(join(target, "deno.json"));
}

async function copy(from: string, to: string): Promise<void> {
  const { isDirectory, isFile } = await Deno.stat(from);
  if (isFile) await Deno.copyFile(from, to);
  if (!isDirectory) return;
  await Deno.mkdir(to);
  for (const { name } of entriesOf(from)) await copy(join(from, name), join(to, name));
}

interface Config {
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
  readonly tasks?: Readonly<Record<string, { readonly command: string } | string>>;
}

/**
 * The compiler must not refuse a mutant only because it leaves a name unused: a person who made the same fault would
 * have removed the name.
 */
async function permitUnused(path: string): Promise<void> {
  const config = await configAt(path);
  if (config === undefined) return;
  const compilerOptions = {
    ...config.compilerOptions,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  await Deno.writeTextFile(path, JSON.stringify({ ...config, compilerOptions }));
}

async function configAt(path: string): Promise<Config | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The command that runs a project's tests. */
export interface TestCommand {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Runs them like the project's own task `test`, for example with the sanitizers that it sets. */
export async function testCommand(root: string): Promise<TestCommand> {
  const task = (await configAt(join(root, "deno.json")))?.tasks?.test ?? "";
  const command = typeof task === "string" ? task : task.command;
  const [before = "", after = ""] = command.split("deno test", 2);
  const variables = before.matchAll(/(?<name>[A-Z_]+)=(?<value>\S*)/g);
  const env = Object.fromEntries(
    [...variables].map(({ groups }) => [groups?.name ?? "", groups?.value ?? ""]),
  );
  const flags = after.match(/(?<=\s)--(?!ignore\b|parallel\b)\S+/g) ?? [];
  return { flags: flags.length > 0 ? flags : ["--no-check", "--allow-all"], env };
}
