import { Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { InputError } from "../../model/input_error.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags } from "../settings/sources.ts";

const ENVIRONMENT = `
Environment:
  UNSUBSCRIBE_SECRET       secret of the links, 32 bytes or more; the same as for send
  UNSUBSCRIBE_SECRET_FILE  file that contains it`;

/** `unsubscribe`: the links in mails, and the list of those who unsubscribed. */
export function unsubscribeCommand(run: Run): Command {
  return new Command("unsubscribe")
    .description(
      "Serve the unsubscribe links in mails, and keep the list of those who unsubscribed.",
    )
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText(
      "after",
      flag.examples(
        "unsubscribe serve --listen 127.0.0.1:8090 --base-url https://news.example.com",
        "unsubscribe add ann@example.com --reason 'by phone'",
        "unsubscribe list --json",
        "unsubscribe import old-list.csv",
      ),
    )
    .addCommand(serveCommand(run))
    .addCommand(addCommand(run))
    .addCommand(removeCommand(run))
    .addCommand(listCommand(run))
    .addCommand(importCommand(run));
}

function serveCommand(run: Run): Command {
  const command = new Command("serve")
    .description("Serve the links: a page with a button, and one-click requests (RFC 8058).")
    .addHelpText(
      "after",
      ENVIRONMENT + "\n" + flag.examples(
        "unsubscribe serve --base-url https://news.example.com",
        "unsubscribe serve --listen 127.0.0.1:8090 --trust-proxy 1 --sender 'Acme News'",
      ),
    )
    .action((flags) => run(async (context) => (await bodies()).serve(flags, context)));
  return withList(flag.withFlags(command, flag.SERVE_FLAGS));
}

function addCommand(run: Run): Command {
  const command = new Command("add")
    .description("Add addresses to the list by hand.")
    .argument("<email...>", "addresses that must get no more mail")
    .addOption(reasonOption())
    .addHelpText(
      "after",
      flag.examples(
        "unsubscribe add ann@example.com bob@example.com",
        "unsubscribe add ann@example.com --reason 'asked by phone'",
      ),
    )
    .action((emails, flags) =>
      run(async (context) => (await bodies()).add(emails, flags as Flags, context))
    );
  return withList(command);
}

function removeCommand(run: Run): Command {
  const command = new Command("remove")
    .description("Remove addresses from the list, so that they get mail again.")
    .argument("<email...>", "addresses to remove")
    .addHelpText(
      "after",
      flag.examples(
        "unsubscribe remove ann@example.com",
        "unsubscribe remove ann@example.com --suppression-list /var/lib/mail/suppressed.db",
      ),
    )
    .action((emails, flags) =>
      run(async (context) => (await bodies()).remove(emails, flags as Flags, context))
    );
  return withList(command);
}

function listCommand(run: Run): Command {
  const command = new Command("list")
    .description("Print the list as CSV or JSON, oldest first.")
    .addHelpText(
      "after",
      flag.examples("unsubscribe list > left.csv", "unsubscribe list --json"),
    )
    .action((flags) => run(async (context) => (await bodies()).list(flags, context)));
  return flag.withFlags(withList(command), flag.JSON_FLAGS);
}

function importCommand(run: Run): Command {
  const command = new Command("import")
    .description(
      "Add the addresses in a file, or those that a relay refused for good, to the list.",
    )
    .argument("[file]", "CSV file with a column of addresses, or one address per line")
    .addOption(reasonOption())
    .addOption(
      new Option(
        "--from-ledger <file>",
        "add the addresses that the relay refused at RCPT because they do not exist",
      ).conflicts("reason"),
    )
    .addOption(flag.flagOf("dry-run", { help: "with --from-ledger: name them; add nobody" }))
    .addHelpText(
      "after",
      flag.examples(
        "unsubscribe import left.csv",
        "unsubscribe import complaints.txt --reason 'complaints of 2025'",
        "unsubscribe import --from-ledger november.ledger --dry-run",
      ),
    )
    .action((file, flags) =>
      run(async (context) => {
        const ledger = givenLedger(file, flags);
        if (ledger === undefined) {
          return (await bodies()).importFile(file!, flags as Flags, context);
        }
        const { importRefusals } = await import("./import_refusals.ts");
        return await importRefusals(ledger, flags as Flags, context);
      })
    );
  return withList(command);
}

/** The ledger to import from; undefined: the file. */
function givenLedger(
  file: string | undefined,
  { fromLedger, dryRun }: { readonly fromLedger?: string; readonly dryRun?: true },
): string | undefined {
  if ((file === undefined) === (fromLedger === undefined)) {
    throw new InputError(
      file === undefined
        ? "No file of addresses is given"
        : `A file and --from-ledger cannot be used together: found '${file}'`,
      { hint: "Name a file, or a ledger with --from-ledger." },
    );
  }
  if (file !== undefined && dryRun) {
    throw new InputError("--dry-run needs --from-ledger: a file is imported at once");
  }
  return fromLedger;
}

function reasonOption() {
  return new Option("--reason <text>", "why, for people who read the list later");
}

function withList(command: CommandUnknownOpts): Command {
  return flag.withFlags(command, flag.SUPPRESSION_LIST_FLAGS, flag.CONFIG_FLAGS);
}

/** Loads the bodies of the commands only when one of them runs: `--help` does not need them. */
async function bodies() {
  const [list, { serve }] = await Promise.all([
    import("./suppression_list.ts"),
    import("./unsubscribe_serve.ts"),
  ]);
  return { ...list, serve };
}
