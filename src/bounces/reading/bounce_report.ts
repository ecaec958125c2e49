import { tokenOfMessageId, tokenOfReturnPath } from "../../compose/unsubscribe/verp.ts";
import { hash } from "node:crypto";
import { automaticKind, isAbsenceNote } from "./automatic.ts";
import { type Action, readDeliveryStatus, type RecipientStatus } from "./delivery_status.ts";
import { type Feedback, readFeedback } from "./feedback.ts";
import { readFreeForm, withReasons } from "./free_form.ts";
import {
  fieldsOf,
  headOf,
  isReturned,
  type ParsedMessage,
  readParsedMessage,
} from "./parsed_message.ts";
import { readProviderNotice } from "./provider_notice.ts";
import type { Diagnosis } from "./status.ts";

/** What tells which of our mails a report is about. */
export interface Evidence {
  /** Tells this report from all others, also when it is read from another copy. */
  readonly id: string;
  /** When it was written (ms since the epoch); undefined where its Date cannot be read. */
  readonly date: number | undefined;
  /** Tokens (see `src/compose/unsubscribe/verp.ts`) of Message-IDs that it returns or refers to, most telling first. */
  readonly messageTokens: readonly string[];
  /** Tokens of the return path it came to, or that the mail it returns had: proof, where they are the ledger's. */
  readonly pathTokens: readonly string[];
}

/** A recipient who did not get the mail. */
export interface Failure {
  /** As the report has them: the original recipient first. */
  readonly addresses: readonly string[];
  readonly diagnosis: Diagnosis;
}

/** What a message is. Only bounces and complaints have an effect. */
export type Report =
  | (Evidence & { readonly kind: "bounce"; readonly failures: readonly Failure[] })
  | (Evidence & {
    readonly kind: "complaint";
    readonly addresses: readonly string[];
    /** Of the provider: "abuse". */
    readonly feedback: string;
  })
  | { readonly kind: "delay" | "receipt" | "auto-reply" | "challenge" | "other" }
  | { readonly kind: "unreadable"; readonly reason: string };

const STATUS = /^message\/(?:global-)?delivery-status$/;
/** Message-IDs that are looked at. */
const MOST_IDS = 50;
/** Addresses that are looked at for a token. */
const MOST_PATHS = 100;
/** Characters of a Date with its comment (RFC 5322, 3.3). */
const LONGEST_DATE = 100;

/** Reads one message and says what it is. Never throws, whatever the bytes. */
export async function readReport(bytes: Uint8Array): Promise<Report> {
  const letter = await readParsedMessage(bytes);
  if ("unreadable" in letter) return { kind: "unreadable", reason: letter.unreadable };
  const feedback = readFeedback(letter);
  if (feedback !== undefined) return ofFeedback(letter, feedback, bytes);
  const statuses = letter.parts.filter(({ type }) => STATUS.test(type))
    .flatMap(({ text }) => readDeliveryStatus(text));
  if (statuses.length > 0) return ofStatuses(letter, withReasons(statuses, letter.text), bytes);
  if (letter.parts.some(({ type }) => type === "message/disposition-notification")) {
    return { kind: "receipt" };
  }
  const notice = readProviderNotice(letter.text);
  if (notice !== undefined) return ofStatuses(letter, notice, bytes);
  const text = isAbsenceNote(letter) ? undefined : readFreeForm(letter);
  if (text === "delayed") return { kind: "delay" };
  if (text !== undefined) return ofStatuses(letter, text, bytes);
  return { kind: automaticKind(letter) ?? "other" };
}

function ofStatuses(
  letter: ParsedMessage,
  all: readonly RecipientStatus[],
  bytes: Uint8Array,
): Report {
  const has = (wanted: Action) => all.some(({ action }) => action === wanted);
  if (!has("failed")) return { kind: has("delayed") ? "delay" : "receipt" };
  const failures = all.filter(({ action }) => action === "failed");
  return {
    kind: "bounce",
    ...evidenceOf(letter, bytes),
    // Where one of those it was passed on to has got it, the address works.
    failures: failures.map(({ addresses, diagnosis }) => ({
      addresses,
      diagnosis: failures.length === all.length ? diagnosis : { ...diagnosis, verdict: "soft" },
    })),
  };
}

function ofFeedback(letter: ParsedMessage, feedback: Feedback, bytes: Uint8Array): Report {
  if (!feedback.isComplaint) return { kind: "other" };
  const evidence = evidenceOf(letter, bytes);
  const token = tokenOfReturnPath(feedback.returnPath);
  return {
    kind: "complaint",
    ...evidence,
    pathTokens: token === undefined ? evidence.pathTokens : [token, ...evidence.pathTokens],
    addresses: feedback.addresses,
    feedback: feedback.type,
  };
}

function evidenceOf(letter: ParsedMessage, bytes: Uint8Array): Evidence {
  const { header, headers } = letter;
  const date = Date.parse(header("date").slice(0, LONGEST_DATE).replace(/\s*\([^)]*\)\s*$/, ""));
  const messageId = header("message-id");
  const paths = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to"]
    .flatMap((name) => headers(name))
    .flatMap((value) => value.split(/[\s,<>]+/));
  const returned = letter.parts.filter(({ type }) => isReturned(type))
    .map(({ text }) => fieldsOf(headOf(text)).get("return-path") ?? "");
  return {
    id: hash("sha256", messageId === "" ? bytes : messageId, "hex").slice(0, 32),
    date: Number.isNaN(date) ? undefined : date,
    messageTokens: unique(messageIdsOf(letter).map(tokenOfMessageId)),
    pathTokens: unique(
      [...paths, ...returned.map(withoutBrackets)].slice(0, MOST_PATHS).map(tokenOfReturnPath),
    ),
  };
}

function withoutBrackets(path: string): string {
  return path.replace(/^<(.*)>$/, "$1");
}

/** The Message-ID of the returned mail, and what the report answers to. */
function messageIdsOf(letter: ParsedMessage): readonly string[] {
  const returned = letter.parts.filter(({ type }) => isReturned(type))
    .map(({ text }) => fieldsOf(headOf(text)).get("message-id") ?? "");
  const inText = [...letter.text.matchAll(/^[> \t]*message-id:[ \t]*(<[^<>\s]+>)/gim)]
    .map((match) => match[1]!);
  const answered = ["in-reply-to", "references", "x-original-message-id"]
    .flatMap((name) => letter.header(name).split(/\s+/));
  return [...returned, ...inText, ...answered].slice(0, MOST_IDS);
}

function unique(tokens: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(tokens.filter((token) => token !== undefined))];
}
