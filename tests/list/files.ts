/** Runs with a file of this content, and removes it after. */
export async function withFile(
  content: string | Uint8Array,
  run: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await (typeof content === "string"
      ? Deno.writeTextFile(path, content)
      : Deno.writeFile(path, content));
    await run(path);
  } finally {
    await Deno.remove(path);
  }
}
