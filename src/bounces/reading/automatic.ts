import type { ParsedMessage } from "./parsed_message.ts";

/** A kind of automatic mail that is not a report. */
export type Automatic = "auto-reply" | "challenge";

/** Asks for proof that the sender is a person: Boxbe, TMDA, Spam Arrest and the like. */
const CHALLENGE =
  /\b(?:confirm|verif(?:y|ication)|challenge|authenticate|approve|captcha)\b.{0,60}\b(?:deliver|sender|message|mail|send|address|required)|\bneeds? your (?:help|confirmation|verification)/i;
const CHALLENGERS = /\b(?:boxbe|spamarrest|tmda|sendio|bluebottle|mailblocks|vanquish)\b/i;

/** Subjects of absence notes that have none of the header fields made for them. */
const ABSENT =
  /^(?:(?:re|aw|sv|tr)\s*:\s*)?(?:auto(?:matic|mated)?[- ]?(?:reply|response|matische antwort)|automatische antwort|automatisch antwoord|out[- ]of[- ](?:the[- ])?office|abwesen|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|fuera de la oficina|risposta automatica|resposta autom[áa]tica|autosvar|away from (?:my|the) (?:mail|office|desk)|on (?:vacation|leave|holiday)|автоответ|自動応答|自动回复)/i;

/** Fields that programs add instead of a standard one. */
const MARKS = [
  "x-autoreply",
  "x-autorespond",
  "x-auto-reply",
  "x-autoreply-from",
  "x-mail-autoreply",
];

/** Returns whether it says that a person is away, or that a mail has arrived: never a report, whatever the text says. */
export function isAbsenceNote({ header, subject }: ParsedMessage): boolean {
  return ABSENT.test(subject) || /^(?:auto[_-]?reply|vacation)$/i.test(header("precedence")) ||
    MARKS.some((name) => header(name) !== "" && header(name).toLowerCase() !== "no");
}

/**
 * Recognises mails that programs send in reply to ours (RFC 3834). Look for a report first: servers mark reports as automatic
 * replies as well.
 */
export function automaticKind(message: ParsedMessage): Automatic | undefined {
  const { header, subject } = message;
  const isMarked = isAbsenceNote(message) ||
    /^auto-(?:replied|generated|notified)/i.test(header("auto-submitted"));
  const isChallenge = CHALLENGE.test(subject) &&
    (isMarked || CHALLENGERS.test(`${header("from")} ${header("x-mailer")} ${header("sender")}`));
  if (isChallenge || header("x-tmda-fingerprint") !== "" || header("x-boxbe") !== "") {
    return "challenge";
  }
  return isMarked ? "auto-reply" : undefined;
}
