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

/** What identifies the mail that a report is about. */
export interface Evidence {
  /** Identifies this report, in every copy of it. */
  readonly id: string;
  /** When it was written (ms since the epoch); undefined where its Date cannot be read. */
  readonly date: number | undefined;
  /** Tokens (see `src/compose/unsubscribe/verp.ts`) of Message-IDs that it returns or refers to, the most conclusive first. */
  readonly messageTokens: readonly string[];
  /** Tokens of the return path to which it was sent, or of the mail that it returns: proof, where they are the ledger's. */
  readonly pathTokens: readonly string[];
}

/** A recipient who did not get the mail. */
export interface Failure {
  /** As the report writes them: the original recipient first. */
  readonly addresses: readonly string[];
  readonly diagnosis: Diagnosis;
}

/** What a message is. Only bounces and complaints have an effect. */
export type Report =
  | (Evidence & { readonly kind: "bounce"; readonly failures: readonly Failure[] })
  | (Evidence & {
    readonly kind: "complaint";
    readonly addresses: readonly string[];
    /** The provider's word: "abuse". */
    readonly feedback: string;
  })
  | { readonly kind: "delay" | "receipt" | "auto-reply" | "challenge" | "other" }
  | { readonly kind: "unreadable"; readonly reason: string };

const STATUS = /^message\/(?:global-)?delivery-status$/;
/** How many Message-IDs are examined. */
const MAX_IDS = 50;
/** How many addresses are examined for a token. */
const MAX_PATHS = 100;
/** Characters of a Date, with its comment (RFC 5322, 3.3). */
const LONGEST_DATE = 100;

/** Reads one message and says what it is. Never throws, whatever the bytes are. */
export async function readReport(bytes: Uint8Array): Promise<Report> {
  const message = await readParsedMessage(bytes);
  if ("unreadable" in message) return { kind: "unreadable", reason: message.unreadable };
  const feedback = readFeedback(message);
  if (feedback !== undefined) return complaintReport(message, feedback, bytes);
  const statuses = message.parts.filter(({ type }) => STATUS.test(type))
    .flatMap(({ text }) => readDeliveryStatus(text));
  if (statuses.length > 0) return statusReport(message, withReasons(statuses, message.text), bytes);
  if (message.parts.some(({ type }) => type === "message/disposition-notification")) {
    return { kind: "receipt" };
  }
  const notice = readProviderNotice(message.text);
  if (notice !== undefined) return statusReport(message, notice, bytes);
  const text = isAbsenceNote(message) ? undefined : readFreeForm(message);
  if (text === "delayed") return { kind: "delay" };
  if (text !== undefined) return statusReport(message, text, bytes);
  return { kind: automaticKind(message) ?? "other" };
}

function statusReport(
  message: ParsedMessage,
  all: readonly RecipientStatus[],
  bytes: Uint8Array,
): Report {
  const has = (wanted: Action) => all.some(({ action }) => action === wanted);
  if (!has("failed")) return { kind: has("delayed") ? "delay" : "receipt" };
  const failures = all.filter(({ action }) => action === "failed");
  return {
    kind: "bounce",
    ...evidenceOf(message, bytes),
    // If it arrived at one of the addresses it was forwarded to, our recipient can be reached.
    failures: failures.map(({ addresses, diagnosis }) => ({
      addresses,
      diagnosis: failures.length === all.length ? diagnosis : { ...diagnosis, verdict: "soft" },
    })),
  };
}

function complaintReport(message: ParsedMessage, feedback: Feedback, bytes: Uint8Array): Report {
  if (!feedback.isComplaint) return { kind: "other" };
  const evidence = evidenceOf(message, bytes);
  const token = tokenOfReturnPath(feedback.returnPath);
  return {
    kind: "complaint",
    ...evidence,
    pathTokens: token === undefined ? evidence.pathTokens : [token, ...evidence.pathTokens],
    addresses: feedback.addresses,
    feedback: feedback.type,
  };
}

function evidenceOf(message: ParsedMessage, bytes: Uint8Array): Evidence {
  const { header, headers } = message;
  const date = Date.parse(header("date").slice(0, LONGEST_DATE).replace(/\s*\([^)]*\)\s*$/, ""));
  const messageId = header("message-id");
  const paths = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to"]
    .flatMap((name) => headers(name))
    .flatMap((value) => value.split(/[\s,<>]+/));
  const returned = message.parts.filter(({ type }) => isReturned(type))
    .map(({ text }) => fieldsOf(headOf(text)).get("return-path") ?? "");
  return {
    id: hash("sha256", messageId === "" ? bytes : messageId, "hex").slice(0, 32),
    date: Number.isNaN(date) ? undefined : date,
    messageTokens: unique(messageIdsOf(message).map(tokenOfMessageId)),
    pathTokens: unique(
      [...paths, ...returned.map(withoutBrackets)].slice(0, MAX_PATHS).map(tokenOfReturnPath),
    ),
  };
}

function withoutBrackets(path: string): string {
  return path.replace(/^<(.*)>$/, "$1");
}

/** The Message-IDs of the returned mail, and of those that the report replies to. */
function messageIdsOf(message: ParsedMessage): readonly string[] {
  const returned = message.parts.filter(({ type }) => isReturned(type))
    .map(({ text }) => fieldsOf(headOf(text)).get("message-id") ?? "");
  const inText = [...message.text.matchAll(/^[> \t]*message-id:[ \t]*(<[^<>\s]+>)/gim)]
    .map((match) => match[1]!);
  const answered = ["in-reply-to", "references", "x-original-message-id"]
    .flatMap((name) => message.header(name).split(/\s+/));
  return [...returned, ...inText, ...answered].slice(0, MAX_IDS);
}

function unique(tokens: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(tokens.filter((token) => token !== undefined))];
}
