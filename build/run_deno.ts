/** A Deno command that ended with a code other than 0. */
export class DenoFailure extends Error {
  override readonly name = "DenoFailure";
  /** What it wrote to stderr. */
  readonly talk: string;

  constructor(command: string, talk: string) {
    super(`deno ${command} failed:\n${talk}`);
    this.talk = talk;
  }
}

/**
 * Runs a command of the current Deno executable, and waits for it.
 *
 * @throws {DenoFailure} with its stderr output, if it fails.
 */
export async function runDeno(args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "inherit",
    stderr: "piped",
    env: {
      NO_COLOR: "1",
      // `deno bundle` may have to download its bundler from a registry whose certificate only the system knows.
      DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system",
    },
  }).output();
  const talk = new TextDecoder().decode(stderr).trim();
  if (code !== 0) throw new DenoFailure(args[0] ?? "", talk);
}
