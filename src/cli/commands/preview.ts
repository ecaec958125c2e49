import { Command } from "@commander-js/extra-typings";
import type { Preview } from "../../preview/preview.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import type { CampaignOptions } from "../options/campaign_options.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import { type MessageWriter, whereOf } from "../message_writer.ts";
import type { Flags } from "../settings/sources.ts";
import type { Output, ProcessContext } from "../process_context.ts";

const EXIT_CODES = `
Exit codes:
  0  a mail was made for every chosen row; with --send-to, the relay accepted them all
  1  no mail could be made for a chosen row, or the relay refused one for good
  2  wrong usage, configuration, list or template: nothing was made or sent
  3  stopped early: a signal, or no relay accepts our mail`;

/** `preview`: what chosen recipients would get. */
export function previewCommand(run: Run): Command {
  const command = new Command("preview")
    .description(
      "Show the mails that chosen recipients would get: as raw bytes, as files with a page to browse them, or in your inbox.",
    )
    .addHelpText(
      "after",
      EXIT_CODES + "\n" + flag.examples(
        "preview --row 3 > third.eml                         # without --row: the first",
        "preview --sample 20 --output previews               # then open previews/index.html",
        "preview --email ann@example.com --send-to me@example.com",
      ),
    )
    .action((flags) => run((context) => preview(flags, context)));
  return flag.withFlags(
    command,
    flag.PREVIEW_FLAGS,
    flag.SEND_TO_FLAGS,
    flag.CONFIG_FLAGS,
    flag.CAMPAIGN_FLAGS,
    flag.LIST_FLAGS,
    flag.WHERE_FLAGS,
    flag.CONTENT_FLAGS,
    flag.OUTBOX_FLAGS,
    flag.QUIET_FLAGS,
  );
}

async function preview(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const [
    { openSources },
    { refuseSeveral, resolveCampaign, resolveChoice, resolveInbox },
  ] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
  ]);
  const sources = await openSources(flags, context, "user-file");
  const warnings: string[] = [];
  const options = resolveCampaign(sources, warnings);
  const { choice, folder } = resolveChoice(sources);
  const inbox = resolveInbox(sources);
  const [{ openPreview }, { escapeLine }, tests] = await Promise.all([
    import("../../preview/preview.ts"),
    import("../../text/escape.ts"),
    inbox &&
    import("./test_mails.ts").then(({ resolveTests }) => resolveTests(sources, inbox, warnings)),
  ]);
  const complain = (text: string) => context.terminal.write(`${escapeLine(text)}\n`);
  const voice: MessageWriter = {
    complain,
    tell: (text) => sources.isOn("quiet") || complain(text),
  };
  for (const warning of warnings) voice.tell(`warning: ${warning}`);
  using opened = await openPreview(options, choice, context);
  if (folder === undefined && tests === undefined) refuseSeveral(opened.rows.length);
  const made = folder !== undefined
    ? await writeFiles(folder, opened, options, context, voice)
    : tests === undefined
    ? await print(opened, options, context.stdout, voice)
    : 0;
  if (tests === undefined) return made;
  const sent = await tests.send(opened, options, context, voice);
  return sent > made ? sent : made;
}

/** Writes one mail to standard output, escaped if that is a terminal. */
async function print(
  opened: Preview,
  options: CampaignOptions,
  stdout: Output,
  voice: MessageWriter,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  for (const row of opened.rows) {
    const mail = await opened.make(row);
    if ("kind" in mail) {
      voice.complain(`${whereOf(options, row)}: No mail: ${mail.reason}`);
      code = 1;
    } else {
      await stdout.write(stdout.isTerminal ? printable(mail.bytes) : mail.bytes);
    }
  }
  return code;
}

async function writeFiles(
  folder: string,
  opened: Preview,
  { campaign, recipients, template }: CampaignOptions,
  { signal, now }: ProcessContext,
  voice: MessageWriter,
): Promise<ExitCode> {
  const [{ writeGallery }, { fileSafe }, { countOf, sizeText }] = await Promise.all([
    import("../../preview/gallery.ts"),
    import("../../sandbox/outbox.ts"),
    import("../../text/quantity.ts"),
  ]);
  let code: ExitCode = 0;
  const gallery = await writeGallery(folder, opened, {
    about: { campaign, list: recipients, template, rows: opened.rows.length, madeAt: now() },
    nameOf: ({ entry: { line, address } }) =>
      `${String(line).padStart(6, "0")}-${fileSafe(address)}.eml`,
    signal,
    onKept({ row: { entry }, result }) {
      const where = `${recipients}:${entry.line}`;
      if ("path" in result) {
        return voice.tell(`${where}: ${entry.address}: ${result.path} (${sizeText(result.size)})`);
      }
      voice.complain(`${where}: No mail: ${result.reason}`);
      code = 1;
    },
  });
  voice.tell(
    `${gallery.path}: ${countOf(gallery.mails, "mail")} to look through (${
      sizeText(gallery.size)
    })`,
  );
  return code;
}

/** Escapes control characters: the contents of a cell must not control the terminal. */
function printable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes).replaceAll("\r\n", "\n");
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (control) => {
    return `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
