import type { Setting } from "./setting.ts";
import { DKIM, MAIL, MAILING_LIST, SERVER } from "./table/mail.ts";
import { CAMPAIGN, RECIPIENTS } from "./table/recipients.ts";
import { CHECK, OUTPUT, PREVIEW, RUN, TEST_MAILS } from "./table/run.ts";
import { RELAY, RETRIES } from "./table/sending.ts";

/**
 * Every setting, by the name of its flag: the one table from which flags, `--help`, environment variables, the schema of the
 * campaign file and docs/settings.md are made.
 */
export const SETTINGS = {
  ...CAMPAIGN,
  ...RECIPIENTS,
  ...MAIL,
  ...MAILING_LIST,
  ...DKIM,
  ...RELAY,
  ...RETRIES,
  ...RUN,
  ...OUTPUT,
  ...SERVER,
  ...CHECK,
  ...PREVIEW,
  ...TEST_MAILS,
};

export type SettingName = keyof typeof SETTINGS;

/** The names of all settings, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** A setting by its name, as the interface has it. */
export function settingOf(name: SettingName): Setting {
  return SETTINGS[name];
}

/** The environment variable of a setting; undefined: it has none. */
export function variableOf(name: SettingName): string | undefined {
  const { variable } = settingOf(name);
  if (variable === false) return undefined;
  return variable ?? `EMAIL_DISPATCHER_${name.replaceAll("-", "_").toUpperCase()}`;
}
