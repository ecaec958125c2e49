import { resolve } from "node:path";

/**
 * Proves that the output runs in an empty environment, and removes it if it does not.
 *
 * @param output Its path. A name without a slash is a file here, not a command to look for.
 */
export async function prove(output: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(resolve(output), {
    args: ["--version"],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", HOME: Deno.env.get("HOME") ?? "" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code === 0) return;
  const talk = new TextDecoder().decode(stderr).trim();
  await Deno.remove(output);
  throw new Error(
    `${output} does not run, so it was removed; is DENORT_BIN of Deno ${Deno.version.deno}?\n${talk}`,
  );
}
