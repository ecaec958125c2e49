export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

export const WEEKDAYS = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;

/** Milliseconds. */
export const DAY = 86_400_000;

/** "Jan", "Mon". */
export function shortName(name: string): string {
  return name.slice(0, 3);
}

/** A whole number with a leading zero below 10. */
export function twoDigits(count: number): string {
  return String(count).padStart(2, "0");
}
