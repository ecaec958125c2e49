import { openRelays } from "../../campaign/relays/relays.ts";
import { deliverTests } from "../../preview/deliver.ts";
import type { Preview } from "../../preview/preview.ts";
import type { Inbox } from "../../preview/test_mail.ts";
import type { Relay } from "../../model/relay.ts";
import { countOf } from "../../text/quantity.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import type { CampaignOptions } from "../options/campaign_options.ts";
import { type MessageWriter, whereOf } from "../message_writer.ts";
import { mayContinue } from "../prompt.ts";
import { resolveRelays } from "../options/relays.ts";
import { resolveOutbox } from "../options/shared_options.ts";
import type { Sources } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

/** The test mails of a preview, with their settings resolved. */
export interface Tests {
  /** Asks if somebody can answer, sends, and reports each mail. */
  send(
    opened: Preview,
    options: CampaignOptions,
    context: ProcessContext,
    voice: MessageWriter,
  ): Promise<ExitCode>;
}

/**
 * Resolves what `--send-to` needs besides the mails.
 *
 * @throws {InputError} if no relay is given, or one cannot be used
 */
export function resolveTests(sources: Sources, inbox: Inbox, warnings: string[]): Tests {
  const { relays, warnings: ofRelays } = resolveRelays(sources);
  warnings.push(...ofRelays);
  const mailing = { relays, inbox, outbox: resolveOutbox(sources), yes: sources.isOn("yes") };
  return {
    async send(opened, options, context, voice) {
      if (!await mayMail(mailing, opened, options, context, voice)) {
        voice.complain("Cancelled: nothing was sent");
        return 3;
      }
      return await mail(mailing, opened, options, context.signal, voice);
    },
  };
}

/** Where the test mails go. */
interface Mailing {
  readonly relays: readonly Relay[];
  readonly inbox: Inbox;
  readonly outbox: string;
  readonly yes: boolean;
}

/** Says what is about to be sent, and asks if somebody can answer. */
async function mayMail(
  { relays, inbox, outbox, yes }: Mailing,
  opened: Preview,
  options: CampaignOptions,
  { terminal, signal }: ProcessContext,
  voice: MessageWriter,
): Promise<boolean> {
  const names = relays.map(({ name }) => name).join(", ");
  const toSend = opened.rows.length;
  voice.tell(
    `${countOf(toSend, "test mail")} to ${inbox.address} through ${names}; the ledger is not used`,
  );
  if (options.mailingList.unsubscribeUrl?.includes("{{")) {
    voice.tell(
      "warning: The unsubscribe links in the mails are the recipients' own: do not follow them",
    );
  }
  const isTrial = relays.some(({ sandbox }) => sandbox);
  const asking = { yes, yesChanged: true, listOnStdin: options.recipients === "-" };
  return await mayContinue(
    {
      campaign: options.campaign,
      toSend,
      outbox: isTrial ? outbox : undefined,
      changedSinceDone: [],
    },
    asking,
    terminal,
    signal,
  );
}

async function mail(
  { relays, inbox, outbox }: Mailing,
  opened: Preview,
  options: CampaignOptions,
  signal: AbortSignal,
  voice: MessageWriter,
): Promise<ExitCode> {
  await using open = await openRelays({ relays, outbox }, signal);
  let code: ExitCode = 0;
  let sent = 0;
  const stop = await deliverTests({
    relays: open.relays,
    rows: opened.rows,
    make: (row, transport) => opened.makeTest(row, inbox, transport),
    signal,
    onTested({ row, state, detail }) {
      const where = whereOf(options, row);
      if (state === "sent") {
        sent++;
        return voice.tell(`${where}: ${row.entry.address}: sent: ${detail}`);
      }
      code = 1;
      const what = { "no-mail": "No mail", "failed": "failed", "in-doubt": "in doubt" }[state];
      voice.complain(`${where}: ${what}: ${detail}`);
    },
  });
  if (stop === undefined) return code;
  const { reason, hint } = stop;
  voice.complain(
    `Stopped after ${sent} of ${countOf(opened.rows.length, "test mail")}: ${reason}`,
  );
  if (hint !== undefined) voice.complain(`  ${hint}`);
  return 3;
}
