import { join } from "node:path";
import { resolveSend } from "../../src/cli/options/send_options.ts";
import type { Resolved } from "../../src/cli/options/resolved.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { type Flags, openSources, type Sources } from "../../src/cli/settings/sources.ts";
import { InputError } from "../../src/model/input_error.ts";
import { inFolder } from "./folder.ts";

/** When the settings of the tests are read: noon, so that both halves of a day are there. */
export const NOW = new Date(2026, 10, 2, 12, 0).getTime();

/** The settings that `send` requires. */
export const NEEDED: Flags = {
  recipients: "emails.csv",
  template: "email.md",
  smtp: ["sandbox:"],
};

export type Env = Readonly<Record<string, string>>;

/** Sources as the program opens them; `toml` is the text of a campaign file in a temporary folder. */
export async function sourcesOf(flags: Flags, env: Env = {}, toml?: string): Promise<Sources> {
  const dependencies = {
    env: (name: string) => env[name] || undefined,
    envNames: () => Object.keys(env),
  };
  const open = (more: Flags) => openSources({ ...flags, ...more }, dependencies);
  if (toml === undefined) return await open({});
  let sources: Sources | undefined;
  await inFolder({ "campaign.toml": toml }, async (folder) => {
    sources = await open({ config: join(folder, "campaign.toml") });
  });
  return sources!;
}

/** The options of `send`, with an empty campaign file unless one is given. */
export async function resolve(
  flags: Flags,
  env: Env = {},
  toml = "",
): Promise<Resolved<SendOptions>> {
  return resolveSend(await sourcesOf(flags, env, toml), NOW);
}

/** The message for settings that cannot be used, without the folder of the campaign file. */
export async function fault(flags: Flags, env: Env = {}, toml = ""): Promise<string> {
  try {
    await resolve({ ...NEEDED, ...flags }, env, toml);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.describe().replace(/^\S*campaign\.toml/, "campaign.toml");
  }
  return "no error";
}
