/** Formats a moment in local time, with the offset from UTC: "Fri 2026-11-27 09:00 +01:00". */
export function localTimeText(ms: number): string {
  const at = new Date(ms);
  const offset = -at.getTimezoneOffset();
  const shown = new Date(ms + offset * 60_000);
  const [day, time] = shown.toISOString().slice(0, 16).split("T");
  const weekday = shown.toUTCString().slice(0, 3);
  const size = Math.abs(offset);
  const zone = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, "0"));
  return `${weekday} ${day} ${time} ${offset < 0 ? "-" : "+"}${zone.join(":")}`;
}

/** The same with the name of the zone: "Fri 2026-11-27 09:00 +01:00 (Europe/Vienna)". */
export function momentText(ms: number): string {
  return `${localTimeText(ms)} (${new Intl.DateTimeFormat().resolvedOptions().timeZone})`;
}
