import { resolveAliases } from "./aliases.ts";
import { DnsBudget } from "./budget.ts";
import {
  decodeReply,
  type DnsRecord,
  type DnsReply,
  encodeQuestion,
  type RecordType,
} from "./message.ts";
import { askTcp, askUdp, type Server } from "./transport.ts";

/** The answer of the DNS to a question. */
export type DnsAnswer<T> =
  | { readonly kind: "found"; readonly records: readonly T[] }
  /** There is no such record; `exists`: the name may have others. */
  | { readonly kind: "none"; readonly exists: boolean }
  /** Not known: the server failed, refused or did not answer. */
  | { readonly kind: "failed"; readonly reason: string };

export interface MailExchange {
  /** The lower, the earlier it is tried (RFC 5321, 5.1). */
  readonly preference: number;
  /** "" is the root: the domain accepts no mail (RFC 7505). */
  readonly host: string;
}

/** The questions that can be asked; each goes out once. */
export interface Dns {
  txt(name: string): Promise<DnsAnswer<string>>;
  mx(name: string): Promise<DnsAnswer<MailExchange>>;
  /** IPv4 addresses. */
  a(name: string): Promise<DnsAnswer<string>>;
  /** IPv4 and IPv6 addresses. */
  addresses(name: string): Promise<DnsAnswer<string>>;
}

/** How often each server is asked, and for how long: enough for a lost packet, and nobody waits long. */
const TRIES = 2;
const TRY_MS = 3_000;
/** How many aliases are followed, if the server does not follow them itself. */
const MAX_ALIASES = 8;

const CODES: ReadonlyMap<number, string> = new Map([
  [1, "considers the question malformed (FORMERR)"],
  [2, "failed (SERVFAIL)"],
  [4, "cannot answer (NOTIMP)"],
  [5, "refused (REFUSED)"],
]);
const NO_SUCH_NAME = 3;

/**
 * A client of recursive DNS servers, over UDP and, for long answers, TCP.
 *
 * Deno's own `resolveDns()` (2.5 to 2.9) gives the same error for a name that does not exist and for a server that failed: a check
 * based on it would report missing records whenever the network is in trouble.
 */
export class DnsClient implements Dns {
  readonly #servers: readonly Server[];
  readonly #signal: AbortSignal;
  readonly #tryMs: number;
  readonly #budget: DnsBudget;
  /** Servers that left a question unanswered; they are asked after the others. */
  readonly #silent = new Set<Server>();
  readonly #asked = new Map<string, Promise<DnsAnswer<DnsRecord>>>();

  /**
   * @param servers Asked in turn until one answers.
   * @param budget What all questions together can use.
   */
  constructor(
    servers: readonly Server[],
    signal: AbortSignal,
    tryMs: number = TRY_MS,
    budget: DnsBudget = new DnsBudget(),
  ) {
    this.#servers = servers;
    this.#signal = signal;
    this.#tryMs = tryMs;
    this.#budget = budget;
  }

  async txt(name: string): Promise<DnsAnswer<string>> {
    return mapRecords(await this.#ask(name, "TXT"), ({ data }) => data);
  }

  async mx(name: string): Promise<DnsAnswer<MailExchange>> {
    const answer = mapRecords(await this.#ask(name, "MX"), (record) => ({
      preference: record.type === "MX" ? record.preference : 0,
      host: record.data,
    }));
    if (answer.kind !== "found") return answer;
    return { ...answer, records: answer.records.toSorted((a, b) => a.preference - b.preference) };
  }

  async a(name: string): Promise<DnsAnswer<string>> {
    return mapRecords(await this.#ask(name, "A"), ({ data }) => data);
  }

  async addresses(name: string): Promise<DnsAnswer<string>> {
    const answers = await Promise.all([this.#ask(name, "A"), this.#ask(name, "AAAA")]);
    const records = answers.flatMap((answer) => answer.kind === "found" ? answer.records : []);
    if (records.length > 0) return { kind: "found", records: records.map(({ data }) => data) };
    const failed = answers.find(({ kind }) => kind === "failed");
    if (failed?.kind === "failed") return failed;
    return {
      kind: "none",
      exists: answers.some((answer) => answer.kind === "none" && answer.exists),
    };
  }

  #ask(name: string, type: RecordType): Promise<DnsAnswer<DnsRecord>> {
    const key = `${type} ${name.toLowerCase()}`;
    let pending = this.#asked.get(key);
    if (pending === undefined) {
      pending = this.#followed(name, type);
      this.#asked.set(key, pending);
    }
    return pending;
  }

  async #followed(name: string, type: RecordType): Promise<DnsAnswer<DnsRecord>> {
    let asked = name;
    for (let left = MAX_ALIASES; left > 0;) {
      const reply = await this.#reply(asked, type);
      if (typeof reply === "string") return { kind: "failed", reason: reply };
      const found = resolveAliases(reply.answers, asked, type, left);
      if (found.records.length > 0) return { kind: "found", records: found.records };
      if (reply.code === NO_SUCH_NAME) return { kind: "none", exists: false };
      if (found.aliases === 0) return { kind: "none", exists: true };
      left -= found.aliases;
      asked = found.name;
    }
    return { kind: "failed", reason: `the aliases (CNAME) of ${name} do not end` };
  }

  /** The first useful reply, or why there is none. */
  async #reply(name: string, type: RecordType): Promise<DnsReply | string> {
    let why = "no DNS server is known";
    for (let attempt = 0; attempt < TRIES; attempt++) {
      for (const server of this.#inTurn()) {
        this.#signal.throwIfAborted();
        const exhausted = this.#budget.exhausted;
        if (exhausted !== undefined) return exhausted;
        const reply = await this.#replyOf(server, name, type);
        if (reply === undefined) return { ...NOTHING, code: NO_SUCH_NAME };
        if (typeof reply !== "string") return reply;
        why = this.#budget.exhausted ?? `DNS server ${server.hostname} ${reply}`;
      }
    }
    return why;
  }

  #inTurn(): readonly Server[] {
    return this.#servers.toSorted((a, b) =>
      Number(this.#silent.has(a)) - Number(this.#silent.has(b))
    );
  }

  /** Returns undefined where `name` is not a valid name. */
  async #replyOf(
    server: Server,
    name: string,
    type: RecordType,
  ): Promise<DnsReply | string | undefined> {
    const id = crypto.getRandomValues(new Uint16Array(1))[0]!;
    const question = encodeQuestion(id, name, type);
    if (question === undefined) return undefined;
    const read = (bytes: Uint8Array) => {
      const reply = decodeReply(bytes);
      if (reply === undefined || !answersTo(reply, id, name, type)) return undefined;
      this.#budget.spend(bytes.length);
      return reply;
    };
    const timeoutMs = Math.min(this.#tryMs, this.#budget.leftMs);
    const limits = { timeoutMs, signal: this.#signal };
    let reply = await askUdp(server, question, read, limits);
    if (typeof reply === "string") this.#silent.add(server);
    else if (reply.truncated) reply = await askTcp(server, question, read, limits);
    if (typeof reply === "string") return reply;
    if (reply.truncated) return "truncated its answer over TCP as well";
    if (reply.code === 0 || reply.code === NO_SUCH_NAME) return reply;
    return CODES.get(reply.code) ?? `answered with code ${reply.code}`;
  }
}

/** Returns whether the server denies a domain, its top-level domain and even `com`, as one without access to the Internet does. */
export async function knowsNothing(dns: Dns, domain: string): Promise<boolean> {
  for (const name of [domain, domain.slice(domain.lastIndexOf(".") + 1), "com"]) {
    const answer = await dns.mx(name);
    if (answer.kind !== "none" || answer.exists) return false;
  }
  return true;
}

const NOTHING = { id: 0, truncated: false, question: undefined, answers: [] };

/** Only the answer to exactly this question counts; in errors, some servers omit the question. */
function answersTo(
  { id, code, question }: DnsReply,
  asked: number,
  name: string,
  type: RecordType,
): boolean {
  if (id !== asked) return false;
  if (question === undefined) return code !== 0;
  return question.type === type &&
    question.name === name.toLowerCase().replace(/\.$/, "");
}

function mapRecords<T, U>(answer: DnsAnswer<T>, map: (record: T) => U): DnsAnswer<U> {
  return answer.kind === "found" ? { ...answer, records: answer.records.map(map) } : answer;
}
