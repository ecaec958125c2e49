import { dirname, join } from "node:path";

/** Runs `action` with a temporary folder that contains `files`. */
export async function inFolder(
  files: Readonly<Record<string, string>>,
  action: (cwd: string) => Promise<void>,
): Promise<void> {
  const cwd = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(cwd, name)), { recursive: true });
      await Deno.writeTextFile(join(cwd, name), text);
    }
    await action(cwd);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}
