import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Setting } from "../src/cli/settings/setting.ts";
import {
  SETTING_NAMES,
  type SettingName,
  settingOf,
  variableOf,
} from "../src/cli/settings/settings.ts";
import type { OwnVariable } from "../src/cli/settings/variables.ts";

/** The page that lists every setting. */
export const SETTINGS_PAGE = fileURLToPath(new URL("../docs/settings.md", import.meta.url));

const INTRODUCTION = `# Settings

<!-- Generated from src/cli/settings/settings.ts by \`deno task settings\`: do not edit. -->

A setting comes from the first of three places that has it: the flag, the environment variable, the
key in the campaign file. A switch is a flag without a value; its variable, and its key where it has
one, is \`true\` or \`false\`. A flag marked "repeatable" may be given several times; its variable holds
one value, its key one value or a list.

\`--config FILE\` or \`EMAIL_DISPATCHER_CONFIG\` names the campaign file; without either,
\`campaign.toml\` in the working directory is read if there is one. A key with a dot is in a table:
\`retry.for\` is \`for\` under \`[retry]\`. \`\${NAME}\` in a value is replaced by that environment
variable. A relative path in the campaign file starts from the file's folder, any other from the
working directory.

The suppression list has a fourth place, a file for all campaigns of a user, which comes last:
[unsubscribe.md](unsubscribe.md#one-list-for-several-campaigns).

Not every command has every flag: \`email-dispatcher COMMAND --help\` lists its own. A few commands
use a flag in their own way, with another default: see their help. A secret, or a value that may
contain one, never appears in any output.
`;

/** Describes each variable that has no flag, and says whether it holds the secret itself. */
const VARIABLES: Readonly<
  Record<Exclude<OwnVariable, "SMTP_URL">, { readonly help: string; readonly secret: boolean }>
> = {
  SMTP_PASSWORD: { help: "password for the relay, if its URL has none", secret: true },
  SMTP_PASSWORD_FILE: { help: "file that contains the password", secret: false },
  DKIM_KEY: { help: "private key in PEM, or several; used if no `dkim-key` is set", secret: true },
  UNSUBSCRIBE_SECRET: { help: "secret of the unsubscribe links", secret: true },
  UNSUBSCRIBE_SECRET_FILE: { help: "file that contains the secret", secret: false },
};

const COLUMNS = ["Flag", "Environment variable", "Key", "Default", "What it does", "Secret"];

/** Makes the content of `SETTINGS_PAGE` from the table of settings, formatted as `deno fmt` does. */
export async function buildSettingsPage(): Promise<string> {
  const headings = Map.groupBy(SETTING_NAMES, (name) => settingOf(name).heading);
  const sections = [...headings].map(([heading, names]) =>
    `## ${heading}\n\n${tableOf(COLUMNS, names.map(rowOf))}`
  );
  const variables = Object.entries(VARIABLES).map(([name, { help, secret }]) => [
    code(name),
    help,
    secret ? "yes" : "",
  ]);
  const last = `## Variables without a flag\n\n${
    tableOf(["Environment variable", "What it does", "Secret"], variables)
  }`;
  return await formatted([INTRODUCTION, ...sections, last].join("\n"));
}

function rowOf(name: SettingName): readonly string[] {
  const setting = settingOf(name);
  const variable = variableOf(name);
  return [
    setting.noFlag ? "" : flagOf(name, setting),
    variable === undefined ? "" : code(variable),
    setting.key === undefined ? "" : code(setting.key),
    setting.default ?? "",
    setting.repeatable ? `${setting.help}; repeatable` : setting.help,
    setting.secret ? "yes" : "",
  ];
}

function flagOf(name: SettingName, { short, argument }: Setting): string {
  const long = argument === undefined ? `--${name}` : `--${name} ${argument}`;
  return code(short === undefined ? long : `-${short}, ${long}`);
}

function code(text: string): string {
  return `\`${text}\``;
}

function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, columns.map(() => "---"), ...rows.map((row) => row.map(cellOf))];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

/** A bar would end the cell, and Markdown would treat `<file>` and `*` outside code as markup. */
function cellOf(text: string): string {
  if (text.startsWith("`")) return text.replaceAll("|", "\\|");
  return text.replaceAll(/[|<>*\\]/g, (sign) => `\\${sign}`);
}

async function formatted(markdown: string): Promise<string> {
  const root = join(SETTINGS_PAGE, "../..");
  await using fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = fmt.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const output = await new Response(fmt.stdout).text();
  if (!(await fmt.status).success) {
    throw new Error("Cannot format docs/settings.md: deno fmt failed");
  }
  return output;
}

if (import.meta.main) await Deno.writeTextFile(SETTINGS_PAGE, await buildSettingsPage());
