/** Wall-clock datetimes as text and as seconds, without a time zone: a day has 86,400 seconds everywhere. */

/** Seconds since 1970-01-01 00:00:00 of `YYYY-MM-DD HH:MM:SS`. */
export function secondsOf(text: string): number {
  return Date.parse(`${text.replace(" ", "T")}Z`) / 1000;
}

/** `YYYY-MM-DD HH:MM:SS` of the seconds since 1970-01-01 00:00:00. */
export function datetimeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}
