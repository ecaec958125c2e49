import { createHash } from "node:crypto";
import { join } from "node:path";
import { ENTRY } from "./bundle.ts";
import { RUN_FLAGS } from "./run_flags.ts";

/**
 * Writes the portable form: one executable file made of a shell script (`portable.sh`), the bundle's files, and Deno.
 * Deno is compressed with gzip, which every system has: 42 MB instead of 96 MB, at the cost of 0.9 s at the first
 * start.
 *
 * @param bundle The folder of the bundle and the names of its files.
 * @param runtime The path of Deno.
 */
export async function writePortable(
  bundle: { readonly folder: string; readonly names: readonly string[] },
  runtime: string,
  output: string,
): Promise<void> {
  const deno = await Deno.readFile(runtime);
  const files = await Promise.all(
    bundle.names.map(async (name) => ({
      name,
      bytes: await Deno.readFile(join(bundle.folder, name)),
    })),
  );
  const unpacked = [...files, { name: "deno", bytes: deno }];
  const template = await Deno.readTextFile(new URL("portable.sh", import.meta.url));
  const hash = createHash("sha256").update(template);
  for (const { name, bytes } of unpacked) hash.update(`${name}\0${bytes.length}\0`).update(bytes);

  let offset = 0;
  const extracts = files.map(({ name, bytes }) => {
    const line = `  extract ${offset} ${bytes.length} ${name} || return 1`;
    offset += bytes.length;
    return line;
  });
  const fields = {
    ID: hash.digest("hex").slice(0, 32),
    FILES: String(unpacked.length),
    SIZES: unpacked.map(({ name, bytes }) => `-name ${name} -size ${bytes.length}c`).join(" -o "),
    EXTRACTS: extracts.join("\n"),
    DENO_OFFSET: String(offset),
    RUN_FLAGS: RUN_FLAGS.join(" "),
    ENTRY,
  };
  await writeAll(output, [
    scriptOf(template, fields),
    ...files.map(({ bytes }) => bytes),
    await gzip(deno),
  ]);
}

/** Inserts the script's own length into it. */
function scriptOf(template: string, fields: Readonly<Record<string, string>>): Uint8Array {
  const encoder = new TextEncoder();
  let script = encoder.encode(template);
  for (;;) {
    const filled = fill(template, { ...fields, START: String(script.length) });
    const next = encoder.encode(filled);
    if (next.length === script.length) return next;
    script = next;
  }
}

function fill(template: string, fields: Readonly<Record<string, string>>): string {
  return template.replace(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = fields[name];
    if (value === undefined) throw new Error(`portable.sh has a field that is not known: ${name}`);
    return value;
  });
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

/** Replaces `output` atomically, as it may be running. */
async function writeAll(output: string, parts: readonly Uint8Array[]): Promise<void> {
  const part = `${output}.part`;
  await Deno.writeFile(part, ReadableStream.from(parts), { mode: 0o755 });
  await Deno.rename(part, output);
}
