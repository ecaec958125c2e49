import type { SendOptions } from "../send_options.ts";
import { identityOf } from "../../compose/template/syntax/where.ts";
import { compileTemplate, type Composer } from "../../compose/composer.ts";
import { checkingCopies } from "../../list/copies.ts";
import { readContent } from "../../compose/content.ts";
import { misalignment } from "../../compose/dkim/dkim_settings.ts";
import { aboutInput } from "../../model/input_error.ts";
import { type Columns, keyColumnOf } from "../../model/recipient.ts";
import type { OpenSuppression } from "../../suppression/suppressing.ts";
import type { CampaignFacts } from "../../ledger/ledger.ts";
import type { CampaignDependencies } from "../campaign_dependencies.ts";
import type { Reporter } from "../../report/reporter.ts";
import type { SendingList } from "../../list/file/sending_list.ts";
import { digest } from "./digest.ts";
import { refuseDiffering } from "./refuse_differing.ts";
import { type PreviousRun, shardName } from "../previous/previous_run.ts";
import { CampaignList, type LookedThrough } from "./campaign_list.ts";
import type { ComposedRows } from "./composed_rows.ts";
import { SuppressedCounter } from "./suppressed_counter.ts";
import { countReadmitted } from "./readmitted.ts";
import { madeFrom } from "./changes/made_from.ts";
import { type SinceLastRun, sinceLastRun } from "./changes/since_last_run.ts";
import { OrderWatch, warnOfMixed } from "./order_watch.ts";
import { openSuppression } from "./suppression.ts";

/** What a campaign sends, and to whom: read, compiled and checked before anything is opened that could send. */
export interface Content extends Omit<LookedThrough, "sending">, SinceLastRun, AsyncDisposable {
  readonly columns: Columns;
  readonly composer: Composer;
  readonly suppression: OpenSuppression;
  /** What composing every mail found; undefined unless `--strict` or `--dry-run` asked for it. */
  readonly composed: ComposedRows | undefined;
  /** Recipients of the same list whom earlier runs left out, and who get a mail now. */
  readonly readmitted: number;
  readonly facts: CampaignFacts;
  readonly list: SendingList;
  /** The list itself, if it can be read only once; the content owns it. */
  readonly readOnce: CampaignList | undefined;
}

/**
 * Reads the list's header and the template, and once the whole list if it is a file that was not scanned before.
 *
 * @param readOnce A list that is open already and can be read only once; whoever opened it closes it.
 * @throws {InputError} when one of them cannot be used, or with `--strict` when a row is invalid
 */
export async function openContent(
  options: SendOptions,
  dependencies: CampaignDependencies,
  previous: PreviousRun | undefined,
  readOnce?: CampaignList,
): Promise<Content> {
  const { signal, reporter } = dependencies;
  await using opened = new AsyncDisposableStack();
  const list = readOnce ??
    opened.use(await aboutInput("list", () => CampaignList.open(options, dependencies)));
  const { source, composer } = await aboutInput("template", () => compiled(options, list.columns));
  reportContent(reporter, composer, options);
  const suppression = opened.use(await openSuppression(options, signal, reporter));
  const looking = { previous, reporter, counter: new SuppressedCounter(suppression) };
  const found = await aboutInput("list", () => lookThrough(list, composer, options, looking));
  refuseDiffering(options, found.scan);
  const hasSent = (previous?.tally.sent ?? 0) > 0;
  const composed = await aboutInput(
    "list",
    () => list.compose({ composer, suppression, hasSent, reporter }),
  );
  const made = await madeOf(source, composer);
  const facts = { ...factsOf(options, list.columns, found), ...made };
  const readmitted = await countReadmitted(options, { previous, facts, composer, suppression });
  const since = await sinceLastRun(previous, facts);
  const owner = opened.move();
  return {
    ...found,
    ...{ columns: list.columns, composer, suppression, composed, readmitted, facts },
    suppressed: composed?.suppressed ?? found.suppressed,
    ...since,
    list: found.sending,
    readOnce: list.isReadOnce ? list : undefined,
    [Symbol.asyncDispose]: () => owner.disposeAsync(),
  };
}

/** Scans the list, and warns of what the template may not mean. */
async function lookThrough(
  list: CampaignList,
  composer: Composer,
  { recipients }: SendOptions,
  { previous, reporter, counter }: {
    readonly previous: PreviousRun | undefined;
    readonly reporter: Reporter;
    readonly counter: SuppressedCounter;
  },
): Promise<LookedThrough> {
  await warnOfMixed(composer, reporter);
  const ordering = await OrderWatch.of(composer, list.columns, recipients);
  const found = await list.lookThrough(composer, previous, counter, ordering);
  ordering?.report(reporter);
  return found;
}

async function compiled(options: SendOptions, columns: Columns) {
  const source = await readContent(options);
  const sevenBit = options.dkim !== undefined;
  return {
    source,
    composer: checkingCopies(await compileTemplate({ ...source, columns, sevenBit })),
  };
}

function reportContent(reporter: Reporter, composer: Composer, { dkim }: SendOptions): void {
  if (composer.convertedPerMail !== undefined) {
    const { file, line, column } = composer.convertedPerMail;
    reporter.detail(
      `Markdown is converted for each mail, which is slower, because it depends on Liquid at ${file}:${line}:${column}`,
    );
  }
  const misaligned = dkim && misalignment(dkim, composer.sender);
  if (misaligned !== undefined) reporter.warn(misaligned);
}

/** Digests of what the mails are made from: of all of it, and of its parts by name. */
async function madeOf(
  source: Awaited<ReturnType<typeof readContent>>,
  composer: Composer,
): Promise<Required<Pick<CampaignFacts, "template" | "madeFrom">>> {
  return {
    template: await digestOf(source, composer),
    madeFrom: madeFrom(source, composer),
  };
}

/** Digest of everything that the mails are made from; whom the template may name, and files that are never sent, are not part of it. */
function digestOf(
  { withheld: _, copies: _copies, ...made }: Awaited<ReturnType<typeof readContent>>,
  { from, sources }: Composer,
): Promise<string> {
  // Without files, it is the digest that earlier versions made.
  return digest(JSON.stringify(sources.length === 0 ? [made, from] : [made, from, sources]));
}

function factsOf(
  { campaign, relays, shard, where }: SendOptions,
  columns: Columns,
  { scan, identity, continues }: LookedThrough,
): Omit<CampaignFacts, "template" | "madeFrom"> {
  const key = keyColumnOf(columns);
  return {
    campaign,
    columns: columns.names,
    list: identity,
    ...(continues === undefined ? {} : { continues }),
    relays: relays.map(({ name }) => name),
    trial: relays.some(({ sandbox }) => sandbox),
    ...(key === undefined ? {} : { key }),
    ...(shard === undefined ? {} : { shard: shardName(shard) }),
    ...(scan === undefined ? {} : { scan }),
    // What the ledger holds of the list is known when it is opened.
    ...(where && { choice: { condition: identityOf(where) ?? "", enteredBefore: 0 } }),
  };
}
