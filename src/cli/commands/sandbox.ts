import { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

/** `sandbox`: a local SMTP server that stores the mail it receives. */
export function sandboxCommand(run: Run): Command {
  const command = new Command("sandbox")
    .description(
      "Run a local SMTP server that stores the mail it receives. Nothing leaves the machine.",
    )
    .addHelpText(
      "after",
      flag.examples(
        "sandbox",
        "sandbox --listen 127.0.0.1:2525 --outbox mails",
        "send --campaign trial --smtp 'smtp://127.0.0.1:1025?tls=off'     # in another terminal",
      ),
    )
    .action((flags) => run((context) => sandbox(flags, context)));
  return flag.withFlags(command, flag.SANDBOX_FLAGS, flag.OUTBOX_FLAGS, flag.CONFIG_FLAGS);
}

async function sandbox(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const [{ openSources }, { resolveListen, resolveOutbox }] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
  ]);
  const { terminal, signal } = context;
  const sources = await openSources(flags, context);
  const listen = resolveListen(sources);
  const outbox = resolveOutbox(sources);
  const [{ runSandbox }, { escapeLine }, { countOf, sizeText }] = await Promise.all([
    import("../../sandbox/sandbox.ts"),
    import("../../text/escape.ts"),
    import("../../text/quantity.ts"),
  ]);
  const say = (text: string) => terminal.write(`${escapeLine(text)}\n`);
  const received = await runSandbox({
    listen,
    outbox,
    signal,
    onListen: ({ hostname, port }) => {
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;
      say(
        `Sandbox at smtp://${host}:${port}?tls=off; mails go to ${outbox}/, nothing leaves the machine`,
      );
    },
    onMail: ({ recipients, size, file }) =>
      say(`${recipients.join(", ")} (${sizeText(size)}): ${file}`),
  });
  say(`${countOf(received, "mail")} received`);
  return 0;
}
