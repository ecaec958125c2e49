import type { SendOptions } from "../cli/options.ts";
import { compileTemplate, type Composer } from "../compose/composer.ts";
import { readContent } from "../compose/content.ts";
import { misalignment } from "../compose/dkim_settings.ts";
import { type Batch, type List, openList } from "../produce/csv.ts";
import type { Columns } from "../produce/recipient.ts";
import { fingerprintsOf, type Scan, scanList } from "../produce/scan.ts";
import { canBeReadTwice } from "../produce/source.ts";
import type { Suppressing } from "../produce/suppression.ts";
import type { CampaignFacts } from "../record/ledger.ts";
import { InputError } from "../report/input_error.ts";
import type { CampaignSurroundings } from "../campaign.ts";
import { digest } from "./digest.ts";
import { type Known, shardName } from "./known.ts";
import { openSuppression } from "./suppression.ts";

/** What a campaign sends, and to whom: read, compiled and checked before anything is opened that could send. */
export interface Content extends AsyncDisposable {
  readonly columns: Columns;
  readonly composer: Composer;
  readonly suppression: Suppressing;
  /** undefined for standard input, which can be read only once. */
  readonly scan: Scan | undefined;
  readonly facts: CampaignFacts;
  /** The rows; those up to `line` may be left out, as they are known. Called once. */
  rowsAfter(line: number): Promise<ReadableStream<Batch>>;
}

/**
 * Reads the list's header and the template, and the whole list once where it is a file that was not scanned before.
 *
 * @throws {InputError} when one of them cannot be used, or with `--strict` when a row is invalid
 */
export async function openContent(
  options: SendOptions,
  surroundings: CampaignSurroundings,
  known: Known | undefined,
): Promise<Content> {
  const { stdin, signal, talk } = surroundings;
  await using opened = new AsyncDisposableStack();
  const list = opened.use(await openList(options, { stdin, signal }));
  const source = await readContent(options);
  const { withheld: _, ...made } = source;
  const { dkim } = options;
  const sevenBit = dkim !== undefined;
  const composer = await compileTemplate({ ...source, columns: list.columns, sevenBit });
  const misaligned = dkim && misalignment(dkim, composer.sender);
  if (misaligned !== undefined) talk.warn(misaligned);
  const twice = await canBeReadTwice(options.recipients);
  const { scan, identity, continues } = twice
    ? await scanOnce(options, list, composer.required, known, signal)
    : { scan: undefined, identity: "", continues: undefined };
  if (scan !== undefined) refuseInvalid(scan, options);
  const suppression = opened.use(await openSuppression(options, signal, talk));
  const owner = opened.move();
  return {
    columns: list.columns,
    composer,
    suppression,
    scan,
    facts: {
      campaign: options.campaign,
      columns: list.columns.names,
      list: identity,
      ...(continues === undefined ? {} : { continues }),
      template: await digest(JSON.stringify([made, composer.from])),
      relays: options.relays.map(({ name }) => name),
      ...(options.shard === undefined ? {} : { shard: shardName(options.shard) }),
      ...(scan === undefined ? {} : { scan }),
    },
    async rowsAfter(line) {
      if (!twice || line <= 1) return list.rows;
      await list[Symbol.asyncDispose]();
      return owner.use(await openList(options, { stdin, signal }, line)).rows;
    },
    [Symbol.asyncDispose]: () => owner.disposeAsync(),
  };
}

/** What a list is, and was. */
interface Identified {
  readonly scan: Scan;
  readonly identity: string;
  /** Identity of the earlier list that this one begins with. */
  readonly continues: string | undefined;
}

/**
 * A scan costs some seconds for a million rows; where the ledger holds the one of this very list, its bytes are read only. Where
 * rows were appended to the list of the last run, that is found out, so that only they are met.
 */
async function scanOnce(
  options: SendOptions,
  list: List,
  required: readonly number[],
  known: Known | undefined,
  signal: AbortSignal,
): Promise<Identified> {
  const before = known?.facts.scan;
  if (before === undefined) return await scanAnew(options, list, required, signal);
  const { whole, beginning } = await fingerprintsOf(options.recipients, before.bytes, signal);
  const identity = await identityOf(whole, list, required);
  if (identity === known?.facts.list) return { scan: before, identity, continues: undefined };
  const scanned = await scanAnew(options, list, required, signal);
  if (!before.endsLine || beginning === undefined) return scanned;
  return { ...scanned, continues: await identityOf(beginning, list, required) };
}

async function scanAnew(
  options: SendOptions,
  list: List,
  required: readonly number[],
  signal: AbortSignal,
): Promise<Identified> {
  const scan = await scanList(options, required, signal);
  return {
    scan,
    identity: await identityOf(scan.fingerprint, list, required),
    continues: undefined,
  };
}

/** Everything that decides which rows are recipients: where it is the same, so are the rows. */
function identityOf(
  fingerprint: string,
  { columns, encoding, delimiter }: List,
  required: readonly number[],
): Promise<string> {
  return digest(JSON.stringify([fingerprint, encoding, delimiter, columns.email, required]));
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
