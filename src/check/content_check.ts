import PostalMime, { type Email } from "postal-mime";
import type { ContentOptions } from "../compose/content_options.ts";
import { Signer } from "../compose/dkim/signer.ts";
import type { ListOptions } from "../list/list_options.ts";
import { InputError } from "../model/input_error.ts";
import type { Suppressing } from "../suppression/suppression_files.ts";
import { contentFindings } from "./content/content.ts";
import { foreignTagFindings } from "./content/foreign_tags.ts";
import { headerFindings } from "./content/mail_header.ts";
import { type Finding, inputFinding } from "./finding.ts";
import { addressFindings } from "./list/addresses.ts";
import { checkRows, type RowsResult, type SampleMail, type Sizes } from "./list/rows.ts";

/** The result of checking list and template. */
export interface ContentResult {
  readonly rows: RowsResult;
  /** Sizes with the signature. */
  readonly sizes: Sizes | undefined;
  readonly first: SampleMail | undefined;
  readonly replyTo: string | undefined;
  readonly from: string | undefined;
}

interface ContentDependencies {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
  /** Who would be left out; undefined: nobody, or unknown. */
  readonly suppressing?: Pick<Suppressing, "why"> | undefined;
  readonly add: (finding: Finding) => void;
}

/** A sample, parsed as a mail program would. */
interface ParsedSample extends SampleMail {
  readonly email: Email;
}

/** Renders all mails and examines some of them; undefined: list or template cannot be used at all. */
export async function checkContent(
  campaign: ListOptions & ContentOptions,
  dependencies: ContentDependencies,
): Promise<ContentResult | undefined> {
  const { add } = dependencies;
  try {
    const rows = await checkRows(campaign, dependencies);
    const samples = await Promise.all(rows.samples.map(async (sample) => ({
      ...sample,
      email: await PostalMime.parse(sample.mail.bytes),
    })));
    for (const finding of sampleFindings(samples, rows.columns, campaign)) add(finding);
    const [first] = samples;
    if (first !== undefined) {
      const template = { file: campaign.template };
      for (const finding of headerFindings(first.email, rows.recipients, template)) add(finding);
      for (const finding of addressFindings(first.email, rows.shown, template)) add(finding);
    }
    return {
      rows,
      sizes: await signedSizes(rows, campaign),
      first,
      from: first?.email.from?.address,
      replyTo: first?.email.replyTo?.[0]?.address,
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    add(inputFinding(error));
    return undefined;
  }
}

/** What the template causes is in all mails, and reported once; braces can come from a row's own cell as well. */
function* sampleFindings(
  samples: readonly ParsedSample[],
  names: readonly string[],
  { template, recipients }: ListOptions & ContentOptions,
): Generator<Finding> {
  const found = new Set<string>();
  for (const { line, email } of samples) {
    const row = { file: recipients, line };
    const where = line === samples[0]?.line ? { file: template } : row;
    const findings = [
      ...contentFindings(email, where),
      ...foreignTagFindings(email, { names }, where),
    ];
    for (const finding of findings) {
      const isOfRow = finding.check === "content.braces";
      if (found.has(finding.check) && !isOfRow) continue;
      found.add(finding.check);
      yield isOfRow ? { ...finding, where: row } : finding;
    }
  }
}

/** A signature has the same length in every mail, give or take a fold. */
async function signedSizes(
  { sizes, samples: [first] }: RowsResult,
  { dkim }: ContentOptions,
): Promise<Sizes | undefined> {
  if (dkim === undefined || sizes === undefined || first === undefined) return sizes;
  using signer = new Signer(dkim);
  const signed = await signer.sign(first.mail);
  const more = signed.bytes.length - first.mail.bytes.length;
  return {
    ...sizes,
    largest: { ...sizes.largest, bytes: sizes.largest.bytes + more },
    smallest: sizes.smallest + more,
    mean: sizes.mean + more,
  };
}
