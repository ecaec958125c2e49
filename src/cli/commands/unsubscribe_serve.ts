import { parseBaseUrl } from "../../compose/unsubscribe/unsubscribe_link.ts";
import type { TokenSecret } from "../../compose/unsubscribe/unsubscribe_token.ts";
import { openSuppressionList } from "../../suppression/suppression_list.ts";
import { escapeLine } from "../../text/escape.ts";
import { InputError } from "../../model/input_error.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import { serveUnsubscribe } from "../../unsubscribe/server.ts";
import { resolveUnsubscribeSecret } from "../options/mailing_list.ts";
import { resolveSuppressionList } from "../options/suppression.ts";
import { type Flags, openSources, type Sources } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";
import { parseInteger, parseListen, placed } from "../settings/values.ts";

/** More proxies in front of a server than anyone has. */
const MOST_PROXIES = 10;

/** Runs `unsubscribe serve` until a signal. */
export async function serve(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const { terminal, signal } = context;
  const sources = await openSources(flags, context, "user-file");
  const say = (text: string) => terminal.write(`${escapeLine(text)}\n`);
  const warnings: string[] = [];
  const baseUrl = resolveBaseUrl(sources);
  const listen = sources.one("listen");
  const proxies = sources.one("trust-proxy");
  const options = {
    listen: listen ? parseListen(listen) : { hostname: "127.0.0.1", port: 8090 },
    baseUrl,
    secret: resolveSecret(sources, warnings),
    sender: sources.one("sender")?.text,
    proxies: proxies ? parseInteger(proxies, 0, MOST_PROXIES) : 0,
  };
  const { path } = resolveSuppressionList(sources);
  using list = openSuppressionList(path);
  for (const warning of warnings) say(`warning: ${warning}`);
  let count = 0;
  await serveUnsubscribe({
    ...options,
    list,
    signal,
    onListen: ({ hostname, port }) => {
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;
      say(
        `Serving ${baseUrl}/u/... at http://${host}:${port}; those who unsubscribe are added to ${path}`,
      );
      if (baseUrl.startsWith("https:") && options.proxies === 0) say(NO_PROXY);
    },
    onLeft: ({ key, campaign, source }) => {
      count++;
      say(`${key} unsubscribed (${source}, campaign ${campaign})`);
    },
    onFault: (error) => say(`error: ${error instanceof Error ? error.message : String(error)}`),
  });
  say(`${count} ${count === 1 ? "recipient" : "recipients"} unsubscribed`);
  return 0;
}

const NO_PROXY =
  "warning: The links use https, so a proxy must be in front: set --trust-proxy 1, or all visitors count as one";

function resolveBaseUrl(sources: Sources): string {
  const given = sources.one("base-url");
  if (given === undefined) {
    throw new InputError("No base URL is given", {
      hint:
        'Give --base-url https://news.example.com, or url = "https://news.example.com" under [unsubscribe] in campaign.toml.',
    });
  }
  return placed(given, () => parseBaseUrl(given.text, given.name));
}

function resolveSecret(sources: Sources, warnings: string[]): TokenSecret {
  const secret = resolveUnsubscribeSecret(sources, warnings);
  if (secret !== undefined) return secret;
  throw new InputError("No secret is given for the unsubscribe links", {
    hint:
      "Set UNSUBSCRIBE_SECRET or UNSUBSCRIBE_SECRET_FILE, as for 'send'. To make one, run openssl rand -hex 32.",
  });
}
