// What servers say in words. Every pattern is a set of short phrases with bounded gaps, so that it takes time in proportion to
// the text, no matter who wrote it.

/** About us, the message, room, time or the route: whatever else it says, the address may exist. */
const NOT_THE_ADDRESS = phrases(
  // Room.
  "quotas?",
  "(?:mail ?box|in ?box|user|account|recipient|storage)\\b.{0,40}\\b(?:is |are |was |has )?(?:over[- ]?)?full",
  "full (?:mail|in) ?box",
  "(?:out of|no|not enough|insufficient|too little|exceed\\w*|over)\\b.{0,20}\\b(?:storage|disk|space|room|allocation)",
  "(?:mail ?box|message|folder|maildir)\\b.{0,40}\\b(?:exceed\\w*|too (?:large|big|many)|size limit|limit)",
  "exceed\\w*\\b.{0,40}\\b(?:limit|size|maximum|allowed|capacity)",
  "over (?:the )?(?:limit|size|allocation)",
  "bo[iîì]te\\b.{0,40}\\b(?:pleine|satur\\w+)",
  "(?:postfach|mailbox|speicher\\w*)\\b.{0,40}\\b(?:voll|[uü]berf[uü]llt|ersch[oö]pft)",
  "buz[oó]n\\b.{0,40}\\bllen[ao]",
  "casella\\b.{0,40}\\bpiena",
  "caixa\\b.{0,40}\\bcheia",
  "ящик\\S*.{0,40}переполнен",
  "too (?:large|big|many|much|fast|often|frequent\\w*)",
  // A rate, or a time.
  "at a rate",
  "(?:rate|frequency|hourly|daily)\\b.{0,20}\\b(?:limit\\w*|exceed\\w*|control)",
  "(?:limit|limited|limits)\\b.{0,20}\\b(?:rate|reached)",
  "throttl\\w*",
  "(?:this|per|an) (?:hour|day|minute)",
  // "Check for typos and try again" is not about time.
  "(?<!and )(?:re)?try again",
  "later",
  "temporar\\w*",
  "greylist\\w*",
  "timed? ?-?out",
  "deferred",
  "expired",
  "in the queue too long",
  "loops?(?:ing|ed)?",
  "too many hops",
  // DNS that failed, as opposed to DNS that answers no.
  "malformed or unexpected",
  "servfail",
  "(?:dns|name ?server|lookup|resolver)\\b.{0,30}\\b(?:fail\\w*|error:? (?:timeout|refused)|not respond\\w*|unreachable)",
  "(?:could ?n[o']t|could not|unable to) (?:contact|connect|reach)",
  "(?:connection|network|host)\\b.{0,20}\\b(?:refused|reset|unreachable|closed|lost|dropped)",
  // Us: our address, host, name or permission to send.
  "(?<!to |to the )(?:sender|envelope|return path|mail from|from (?:address|domain|field|header)|originator)\\b:?[^.;:]{0,40}\\b(?:rejected|denied|refused|invalid|not (?:allowed|exist|found|permitted|verified|accepted)|does ?n[o']t|unknown|unverified|verif\\w+|blocked)",
  "(?:unauthenticated|unknown|invalid|bad|illegal|blocked|unauthori[sz]ed|forged) (?:senders?|envelope)",
  "(?:sender'?s?|from) (?:e-?mail )?(?:address|domain)",
  "(?:absender|exp[ée]diteur|remitente|mittente|afzender|remetente|отправител)\\S*",
  "verification failed for",
  "mail from:? ?<>.{0,40}\\b(?:no such|unknown|invalid|not (?:found|exist)|does ?n[o']t exist)",
  "call(?:out|back)\\b.{0,30}\\b(?:verif\\w+|fail\\w*)",
  "(?:helo|ehlo)",
  "(?:client|sending|connecting|your) (?:host|server|ip|ips|network|domain|address|mail ?server)",
  "(?:reverse|rdns|ptr)\\b.{0,30}\\b(?:dns|record|lookup|hostname|resolve)",
  "no (?:ptr|reverse)",
  "ip(?: address(?:es)?)?\\b.{0,40}\\b(?:block\\w*|list\\w*|reject\\w*|ban\\w*|denied|reputation)",
  "(?:black|block|deny|gray)[- ]?list(?:ed|ing|s)?",
  "blocked",
  "banned",
  "dnsb?l",
  "[sr]bl",
  "reputation",
  "relay(?:ing)?(?: access)?\\b.{0,20}\\b(?:denied|not|prohibited|forbidden|disallowed|rejected|permitted)",
  "(?:not|n[o']t|never) (?:permitted|allowed|authori[sz]ed) to",
  "(?:denied|unable|no) to relay",
  "relaying",
  "authenticat(?:ed|ion)",
  "must (?:login|authenticate|check)",
  "spf",
  "dkim",
  "dmarc",
  // The message.
  "spam\\w*",
  "unsolicited",
  "junk",
  "bulk",
  "virus\\w*",
  "malware",
  "phish\\w*",
  "content\\b.{0,20}\\b(?:reject\\w*|filter\\w*|block\\w*|not|denied|violat\\w*)",
  "polic(?:y|ies)",
  // The recipient's preferences.
  "recipient'?s? preferences",
  "(?:only|not) accept\\b.{0,20}\\b(?:from|mail from)",
);

/** Blocklists of servers, which replies name where a server is on one. */
const BLOCKLISTS =
  /spamhaus|spamcop|sorbs\b|barracuda ?central|surriel|uceprotect|senderscore|proofpoint\.com|abuseat|mailspike/i;

/** Stages before a recipient is named: a refusal there is of us (in the words of Exim, Postfix and Sendmail). */
const BEFORE_THE_RECIPIENT = new RegExp(
  [
    "(?:in reply to|after|response to|command:?) (?:pipelined )?(?:mail from|ehlo|helo|initial connection|starttls|auth)\\b",
    "(?:during|after) (?:connect|initial)",
    ">>> ?mail from:.{0,200}?<<< ?5\\d\\d",
  ].join("|"),
  "i",
);

/** Who or what does not exist, in other languages. */
const PERSONS =
  "usuario|usu[aá]rio|persona|cuenta|conta|destinat[aá]ri[oa]|empf(?:ae|[aä])nger|benutzer|nutzer|konto|destinataire|utilisateur|compte|bo[iî]te(?: aux lettres)?|utente|casella|gebruiker|ontvanger|adresse|adresa|indirizzo|direcci[oó]n";

/** The mailbox or its domain does not exist. */
const NOBODY_THERE = phrases(
  "(?:user|mail ?box|recipient|addressee|account|alias|e-?mail address|address)(?: name| id)?(?: is)? unknown",
  "(?:users|mail ?boxes|recipients|addresses) (?:are |were )?unknown",
  "unknown (?:local |e-?mail |remote |virtual )?(?:user|addressee|recipient|mail ?box|address|account|alias|or illegal alias|local[- ]part|host|domain)",
  "(?:recipient|addressee|account|user) (?:address |name )?(?:is )?(?:unknown|not recogni[sz]ed)",
  "no such (?:e-?mail |local |mail )?(?:user|mail ?box|recipient|addressee|address|account|person|domain|host|alias|name|local)",
  "(?:user|mail ?box|recipient|addressee|account|address|alias)\\b.{0,60}\\b(?:does ?n[o']?t|does not|did not|do not|doesn t) exist",
  "(?:domain|domain name|this host) (?:does ?n[o']?t|does not) exist",
  "(?:user|account|recipient|mail ?box|address|domain)\\b.{0,30}\\b(?:non[- ]?existent|not exist\\w*|inexistant\\w*|invalide|inconnue?)",
  "non[- ]?existent (?:user|account|recipient|mail ?box|address|domain)",
  "(?:does ?n[o']?t|does not|doesn t) have an?\\b.{0,60}\\b(?:account|mail ?box)",
  "(?:user|mail ?box|recipient|account|address|addressee)\\b.{0,60}\\b(?:could ?n[o']t be|not be|not|was ?n[o']t) found",
  "(?:host|domain)(?: or domain)?(?: name)? not found",
  "host unknown",
  "unroute?able (?:mail )?(?:address|domain)",
  "could ?n[o']t find any host named",
  "could ?n[o']t find a mail exchanger",
  "could not find a gateway for",
  "(?:sorry )?,? ?no mail ?box here",
  "no (?:mail ?box|user|account|one)(?: here)? (?:by|with|of) (?:that|this) name",
  "no mail ?box (?:found|available for)",
  "no one at this address",
  "(?:not|isn't|not to be) a valid (?:mail ?box|user|recipient|address|account)",
  "invalid (?:(?:local|final|e-?mail|mail|to|destination|delivery) ){0,2}(?:recipients?|mail ?box|user ?id|user(?: ?name)?|address(?:ee)?|account)",
  "(?:recipient|mail ?box|user(?:name)?|account|e-?mail address)(?: address| name)?(?: is)? (?:invalid|not valid)",
  "(?:illegal|wrong) (?:user|recipient|alias)",
  "not a user here",
  "not listed in\\b.{0,40}\\b(?:directory|address|name|book|list)",
  "not listed in",
  "not present in (?:the )?directory",
  "not in my validrcptto list",
  "(?:mail ?box|account) (?:is )?(?:unavail?able|not (?:available|present)|disabled|inactive|deactivated)",
  "(?:user|account|mail ?box|address)(?: is)? not active",
  "not an active (?:user|account|mail ?box|address)",
  "(?:inactive|deactivated|disabled|deleted|closed|terminated) (?:e-?mail )?(?:user|mail ?box|recipient|account|address)",
  "(?:account|user|mail ?box|address|recipient)\\b.{0,40}\\b(?:disabled|inactive|deactivated|deleted|terminated|closed|no longer)",
  "recipient (?:address )?(?:rejected:? )?(?:(?:user|recipient|address) )?(?:not (?:found|known|exist\\w*)|no longer)",
  "recipient address rejected: (?:user|recipient|address|undeliverable|invalid|unknown)",
  "not (?:our|a) (?:customer|known user)",
  "no (?:valid )?(?:recipients?|account) (?:by|with|of|for) (?:that|this)",
  "(?:user|address|mail ?box) (?:has )?(?:moved|left)",
  "(?:indicated|indicates) no smtp service",
  "null mx",
  "nxdomain",
  "name or service not known",
  "bad (?:destination |e-?mail )?(?:mail ?box|address|recipient)",
  "(?:user|recipient|address|account) (?:is )?not known",
  "(?:can ?n[o']t|can not|could not|unable to) (?:find|locate) (?:the |a )?(?:user|recipient|mail ?box|account|address)",
  `(?:${PERSONS})\\b.{0,40}\\b(?:desconocid[oa]|desconhecid[oa]|sconosciut[oa]|unbekannt\\w*|onbekend|inconnue?|inexistante?|inexistente|inesistente|n'existe pas|no existe|n[aã]o existe|non esiste|existiert nicht|nicht (?:gefunden|bekannt)|non trouvée?)`,
  `(?:unbekannte[rs]?|onbekende|no existe|nessun|aucun) (?:(?:ese|esa|dicha|dicho|el|la|tale) )?(?:${PERSONS})`,
  "(?:пользовател|получател|адрес|ящик)\\S*.{0,30} не (?:найден|существует)\\S*",
  "нет такого (?:пользовател|получател|адрес|ящик)\\S*",
);

/** Phrases of whole words; letters of any script count as parts of words. */
function phrases(...alternatives: readonly string[]): RegExp {
  return new RegExp(`(?<![\\p{L}\\d])(?:${alternatives.join("|")})(?![\\p{L}\\d])`, "iu");
}

/** Not words of a server: addresses, links and names of hosts. */
const ADDRESSES = /<[^<>\s]{1,320}@[^<>\s]{1,320}>|[^\s<>@]{1,64}@[^\s<>@]{1,255}/g;
const LINKS = /https?:\/\/\S{1,500}/gi;
const HOSTS = /(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){1,20}(?:\[[^\]\s]{1,60}\])?/g;

const NAMES = /<>|"[^"\s]{1,64}"|'[^'\s]{1,64}'/g;

/** What the words of a report say about the address; undefined where they do not mention it. */
export function readWords(text: string): "elsewhere" | "nobody-there" | undefined {
  const said = text.replaceAll(ADDRESSES, " <> ");
  if (BLOCKLISTS.test(said) || BEFORE_THE_RECIPIENT.test(said)) return "elsewhere";
  const words = withoutGaps(said.replaceAll(LINKS, " ").replaceAll(HOSTS, " _ "));
  // Without names within a phrase: `User <ann@x.test> unknown`.
  const unnamed = withoutGaps(words.replaceAll(NAMES, " "));
  if (NOT_THE_ADDRESS.test(words) || NOT_THE_ADDRESS.test(unnamed)) return "elsewhere";
  return NOBODY_THERE.test(words) || NOBODY_THERE.test(unnamed) ? "nobody-there" : undefined;
}

function withoutGaps(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
