import { domainOf } from "../../../text/domain_of.ts";
import type { Dns, DnsAnswer } from "../../dns/dns_client.ts";
import { type Ip, parseIp, sameNetwork } from "../ip.ts";
import { MOST_EXCHANGES, MOST_LOOKUPS, MOST_VOID_LOOKUPS } from "./spf_audit.ts";
import { expand, type MacroContext } from "./spf_macro.ts";
import { isSpf, type Mechanism, parseSpf } from "./spf_record.ts";

/**
 * The result of RFC 7208, 2.6; `unknown` where it depends on what cannot be known here: `ptr`, or a macro about the receiver.
 */
export type SpfResult =
  | "none"
  | "neutral"
  | "pass"
  | "fail"
  | "softfail"
  | "temperror"
  | "permerror"
  | "unknown";

const RESULTS = { "+": "pass", "-": "fail", "~": "softfail", "?": "neutral" } as const;

/** The result for a mail that comes from `ip` with the envelope sender `sender` (RFC 7208, 4). */
export async function evaluateSpf(dns: Dns, ip: Ip, sender: string): Promise<SpfResult> {
  const domain = domainOf(sender);
  const evaluation = new Evaluation(dns, ip, sender);
  try {
    return await evaluation.check(domain);
  } catch (error) {
    if (error instanceof EvaluationEnd) return error.result;
    throw error;
  }
}

/** Ends the evaluation, however deep it is. */
class EvaluationEnd extends Error {
  constructor(readonly result: "temperror" | "permerror" | "unknown") {
    super(result);
  }
}

class Evaluation {
  readonly #dns: Dns;
  readonly #ip: Ip;
  readonly #sender: string;
  #lookups = 0;
  #voids = 0;

  constructor(dns: Dns, ip: Ip, sender: string) {
    this.#dns = dns;
    this.#ip = ip;
    this.#sender = sender;
  }

  /** RFC 7208, 4.6: the first mechanism that matches decides. */
  async check(domain: string): Promise<SpfResult> {
    const answer = await this.#dns.txt(domain);
    if (answer.kind === "failed") throw new EvaluationEnd("temperror");
    const records = answer.kind === "found" ? answer.records.filter(isSpf) : [];
    if (records.length === 0) return "none";
    if (records.length > 1) throw new EvaluationEnd("permerror");
    const { mechanisms, redirect, faults } = parseSpf(records[0]!);
    if (faults.length > 0) throw new EvaluationEnd("permerror");
    for (const mechanism of mechanisms) {
      if (await this.#matches(mechanism, domain)) return RESULTS[mechanism.qualifier];
    }
    if (redirect === undefined) return "neutral";
    this.#spend();
    const result = await this.check(this.#name(redirect, domain));
    return result === "none" ? "permerror" : result;
  }

  async #matches(mechanism: Mechanism, domain: string): Promise<boolean> {
    if (mechanism.name === "all") return true;
    if (mechanism.name === "ip") return sameNetwork(this.#ip, mechanism.ip, mechanism.prefix);
    this.#spend();
    // It depends on the reverse DNS, which is not asked: ptr is slow, unreliable and deprecated (5.5).
    if (mechanism.name === "ptr") throw new EvaluationEnd("unknown");
    const name = this.#name(mechanism.domain ?? domain, domain);
    if (mechanism.name === "include") return await this.#includes(name);
    // Only A, even for a connection over IPv6 (5.7).
    if (mechanism.name === "exists") return this.#records(await this.#dns.a(name)).length > 0;
    if (mechanism.name === "a") {
      return this.#isAmong(this.#records(await this.#dns.addresses(name)), mechanism);
    }
    for (const host of await this.#exchanges(name)) {
      // A host without an address is not a void lookup: terms are counted (4.6.4), and this one had a result.
      const answer = await this.#dns.addresses(host);
      if (this.#isAmong(answer.kind === "none" ? [] : this.#records(answer), mechanism)) {
        return true;
      }
    }
    return false;
  }

  #isAmong(
    addresses: readonly string[],
    { prefix4, prefix6 }: { readonly prefix4: number; readonly prefix6: number },
  ): boolean {
    const prefix = this.#ip.kind() === "ipv4" ? prefix4 : prefix6;
    return addresses.some((address) => {
      const ip = parseIp(address);
      return ip !== undefined && sameNetwork(this.#ip, ip, prefix);
    });
  }

  async #includes(name: string): Promise<boolean> {
    const result = await this.check(name);
    if (result === "none" || result === "permerror") throw new EvaluationEnd("permerror");
    return result === "pass";
  }

  async #exchanges(name: string): Promise<readonly string[]> {
    const hosts = this.#records(await this.#dns.mx(name)).map(({ host }) => host);
    if (hosts.length > MOST_EXCHANGES) throw new EvaluationEnd("permerror");
    return hosts.filter((host) => host !== "");
  }

  #records<T>(answer: DnsAnswer<T>): readonly T[] {
    if (answer.kind === "failed") throw new EvaluationEnd("temperror");
    if (answer.kind === "none" && ++this.#voids > MOST_VOID_LOOKUPS) {
      throw new EvaluationEnd("permerror");
    }
    return answer.kind === "found" ? answer.records : [];
  }

  #spend(): void {
    if (++this.#lookups > MOST_LOOKUPS) throw new EvaluationEnd("permerror");
  }

  #name(spec: string, domain: string): string {
    const context: MacroContext = { ip: this.#ip, sender: this.#sender, domain };
    const name = expand(spec, context);
    if (name === undefined) throw new EvaluationEnd("unknown");
    return name;
  }
}
