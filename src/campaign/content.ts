import type { SendOptions } from "../cli/options.ts";
import { compileTemplate, type Composer } from "../compose/composer.ts";
import { readContent } from "../compose/content.ts";
import { type List, openList } from "../produce/csv.ts";
import { type Scan, scanList } from "../produce/scan.ts";
import { readSuppression, type Suppression } from "../produce/suppression.ts";
import type { CampaignFacts } from "../record/ledger.ts";
import type { Talk } from "../report/talk.ts";
import { InputError } from "../report/input_error.ts";
import type { CampaignSurroundings } from "../campaign.ts";
import { digest } from "./digest.ts";

/** What a campaign sends, and to whom: read, compiled and checked before anything is opened that could send. */
export interface Content extends AsyncDisposable {
  readonly list: List;
  readonly composer: Composer;
  readonly suppression: Suppression;
  /** undefined for standard input, which can be read only once. */
  readonly scan: Scan | undefined;
  readonly facts: CampaignFacts;
}

/**
 * Reads the list's header and the template, and the whole list once where it is a file.
 *
 * @throws {InputError} when one of them cannot be used, or with `--strict` when a row is invalid
 */
export async function openContent(
  options: SendOptions,
  surroundings: CampaignSurroundings,
): Promise<Content> {
  const { stdin, signal, talk } = surroundings;
  const list = await openList(options, { stdin, signal });
  try {
    const source = await readContent(options);
    const composer = compileTemplate({ ...source, columns: list.columns });
    const scan = options.recipients === "-"
      ? undefined
      : await scanList(options, composer.required, signal);
    if (scan !== undefined) refuseInvalid(scan, options);
    const suppression = await readSuppression(options.suppress, signal);
    tellOfIgnored(suppression, talk);
    return {
      list,
      composer,
      suppression,
      scan,
      facts: {
        campaign: options.campaign,
        columns: list.columns.names,
        list: scan === undefined ? "" : await listFact(scan, list, composer),
        template: await digest(JSON.stringify([source, composer.from])),
        relays: options.relays.map(({ name }) => name),
      },
      [Symbol.asyncDispose]: () => list[Symbol.asyncDispose](),
    };
  } catch (error) {
    await list[Symbol.asyncDispose]();
    throw error;
  }
}

/** Everything that decides which rows are recipients: where it is the same, so are the rows. */
function listFact(
  scan: Scan,
  { columns, encoding, delimiter }: List,
  { required }: Composer,
): Promise<string> {
  return digest(JSON.stringify([scan.fingerprint, encoding, delimiter, columns.email, required]));
}

/** Those who asked not to be mailed must not be missed by a slip of the pen. */
function tellOfIgnored({ ignored }: Suppression, talk: Talk): void {
  for (const { file, line, reason } of ignored.examples) {
    talk.warn(`${file}:${line}: ${reason}; nobody is suppressed by it`);
  }
  const more = ignored.count - ignored.examples.length;
  if (more > 0) talk.warn(`${more} more lines of the suppression files name no address`);
}

function refuseInvalid(scan: Scan, { recipients, strict }: SendOptions): void {
  const first = scan.examples[0];
  if (!strict || first === undefined) return;
  throw new InputError(
    `${first.reason} (${scan.invalid} of ${scan.rows} rows are invalid, and --strict is set)`,
    {
      place: { file: recipients, line: first.line },
      hint: "mend the rows, or leave --strict away to send to the others",
    },
  );
}
