import { zoneOf } from "../../compose/template/dates/time_zone.ts";
import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";
import { pathOf, type Sources } from "../settings/sources.ts";
import {
  campaignOf,
  type Given,
  parseCampaign,
  parseDay,
  parseTimezone,
  unusable,
} from "../settings/values.ts";

const DATE = "{date}";

/**
 * The campaign's id. `{date}` in it is a day, so that a command that is the same every day has a campaign, and so a ledger, for
 * each.
 *
 * @param recipients The list, whose name is the id unless one is given.
 * @throws {InputError} if it cannot be a file name, or has another placeholder
 */
export function resolveCampaignId(sources: Sources, recipients: string): string {
  const given = sources.one("campaign");
  if (!given?.text.includes(DATE)) refuseUselessDate(sources);
  return given ? parseCampaign(withDay(given, sources)) : campaignOf(recipients);
}

/** The id if the settings name a campaign; undefined if they name only a ledger. */
export function campaignIdOf(sources: Sources): string | undefined {
  const recipients = sources.path("recipients");
  if (recipients === undefined && sources.one("campaign") === undefined) return undefined;
  return resolveCampaignId(sources, recipients ?? "");
}

/** The path of a ledger, with the day for `{date}`: one that is not replaced would be shared by the campaigns of all days. */
export function ledgerPathOf(given: Given, sources: Sources): string {
  if (!given.text.includes(DATE)) return pathOf(given);
  return pathOf({ ...given, text: given.text.replaceAll(DATE, dayOf(sources)) });
}

function withDay(given: Given, sources: Sources): Given {
  const text = given.text.replaceAll(/\{+([^{}]*)\}+/g, (placeholder, name: string) => {
    if (placeholder === DATE) return dayOf(sources);
    const meant = nearest(name.trim().toLowerCase(), ["date"]);
    throw unusable(
      given,
      `a name without placeholders other than ${DATE}`,
      meant && `Did you mean ${DATE}?`,
    );
  });
  return { ...given, text };
}

/** The day of `--date`, or today in the campaign's time zone. */
function dayOf(sources: Sources): string {
  const given = sources.one("date");
  if (given !== undefined) return parseDay(given);
  const timezone = sources.one("timezone");
  const zone = zoneOf(timezone === undefined ? "UTC" : parseTimezone(timezone))!;
  const local = sources.now + zone.offsetAt(sources.now) * 1_000;
  return new Date(local).toISOString().slice(0, 10);
}

/** A variable may be set for several campaigns; a flag is meant for this one. */
function refuseUselessDate(sources: Sources): void {
  const given = sources.fromFlag("date")?.[0];
  if (given === undefined) return;
  throw new InputError(`${given.name} needs ${DATE} in the campaign's id: found none`, {
    kind: "usage",
    hint: `Write id = "digest-${DATE}" in campaign.toml, or --campaign 'digest-${DATE}'.`,
  });
}
