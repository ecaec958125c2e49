import { Command } from "@commander-js/extra-typings";
import type { Preview } from "../preview/preview.ts";
import type { ExitCode } from "../report/summary.ts";
import * as flag from "./flags.ts";
import type { Run } from "./program.ts";
import type { Flags } from "./sources.ts";
import type { Output, Surroundings } from "./surroundings.ts";

/** `preview`: what chosen recipients would get. */
export function previewCommand(run: Run): Command {
  const command = new Command("preview")
    .description("Show the mails that chosen recipients would get, byte for byte.")
    .addHelpText(
      "after",
      flag.examples(
        "preview                               (the first row)",
        "preview --row 3 > third.eml",
        "preview --email ann@example.com --email bob@example.com --output previews",
      ),
    )
    .action((flags) => run((surroundings) => preview(flags, surroundings)));
  return flag.withFlags(
    command,
    flag.PREVIEW_FLAGS,
    flag.CONFIG_FLAGS,
    flag.CAMPAIGN_FLAGS,
    flag.LIST_FLAGS,
    flag.CONTENT_FLAGS,
    flag.MAILING_LIST_FLAGS,
    flag.DKIM_FLAGS,
    flag.QUIET_FLAGS,
  );
}

async function preview(flags: Flags, surroundings: Surroundings): Promise<ExitCode> {
  const [{ openSources }, { resolveCampaign, resolveChoice }] = await Promise.all([
    import("./sources.ts"),
    import("./shared_options.ts"),
  ]);
  const sources = await openSources(flags, surroundings);
  const warnings: string[] = [];
  const options = resolveCampaign(sources, warnings);
  const { choice, folder } = resolveChoice(sources);
  const [{ previewMails }, { escapeLine }] = await Promise.all([
    import("../preview/preview.ts"),
    import("../report/escape.ts"),
  ]);
  for (const warning of flags.quiet ? [] : warnings) {
    surroundings.terminal.write(`${escapeLine(`warning: ${warning}`)}\n`);
  }
  const keep = folder === undefined ? printer(surroundings.stdout) : await writer(folder);
  let code: ExitCode = 0;
  for await (const one of previewMails(options, choice, surroundings)) {
    const where = `${options.recipients}:${one.line}: `;
    if ("kind" in one.mail) {
      surroundings.terminal.write(`${escapeLine(`${where}No mail: ${one.mail.reason}`)}\n`);
      code = 1;
      continue;
    }
    const path = await keep(one, one.mail.bytes);
    if (path !== undefined && !flags.quiet) {
      surroundings.terminal.write(`${escapeLine(`${where}${one.address}: ${path}`)}\n`);
    }
  }
  return code;
}

/** Takes the bytes of a mail and tells the path of the file it made of them, where it made one. */
type Keeper = (preview: Preview, bytes: Uint8Array) => Promise<string | undefined>;

function printer(stdout: Output): Keeper {
  return async (_, bytes) => {
    await stdout.write(stdout.isTerminal ? printable(bytes) : bytes);
    return undefined;
  };
}

async function writer(folder: string): Promise<Keeper> {
  const [{ join }, { InputError }, { fileSafe }] = await Promise.all([
    import("node:path"),
    import("../report/input_error.ts"),
    import("../sandbox/outbox.ts"),
  ]);
  const guarded = async (action: () => Promise<void>, path: string) => {
    try {
      await action();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InputError(`Cannot write the preview: ${reason}`, { place: { file: path }, cause });
    }
  };
  await guarded(() => Deno.mkdir(folder, { recursive: true }), folder);
  return async ({ line, address }, bytes) => {
    const path = join(folder, `${String(line).padStart(6, "0")}-${fileSafe(address)}.eml`);
    await guarded(() => Deno.writeFile(path, bytes), path);
    return path;
  };
}

/** A mail for the eyes: what a cell holds must not steer the terminal. */
function printable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (control) => {
    return `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
