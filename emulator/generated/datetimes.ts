/** Wall-clock datetimes as text and as seconds, without a time zone: a day has 86,400 seconds everywhere. */

const daySeconds = 86_400;
/** The days that have been asked for, as text: there are few, and each is asked for often. */
const days = new Map<number, string>();

/** Seconds since 1970-01-01 00:00:00 of `YYYY-MM-DD HH:MM:SS`. */
export function secondsOf(text: string): number {
  return Date.parse(`${text.replace(" ", "T")}Z`) / 1000;
}

/** `YYYY-MM-DD HH:MM:SS` of the seconds since 1970-01-01 00:00:00. */
export function datetimeText(seconds: number): string {
  const day = Math.floor(seconds / daySeconds);
  const left = seconds - day * daySeconds;
  const clock = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  return `${dayText(day)} ${clock.map(twoDigits).join(":")}`;
}

function dayText(day: number): string {
  const known = days.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * daySeconds * 1000).toISOString().slice(0, 10);
  days.set(day, text);
  return text;
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
