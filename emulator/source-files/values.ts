/** Reads a field's text as a value of its column's type, or tells why it is none. */
import type { ColumnType, Value } from "../schema";

/** What a field holds, or what is wrong with it. */
export type Reading = { readonly value: Value } | { readonly problem: string };

const leastInt = -(2 ** 31);
const mostInt = 2 ** 31 - 1;

const readers: Readonly<Record<ColumnType, (text: string) => Reading>> = {
  int: readInt,
  double: readDouble,
  text: (text) => ({ value: text }),
  datetime: readDatetime,
};

/** The value of a field that is not null. */
export function readValue(type: ColumnType, text: string): Reading {
  return readers[type](text);
}

function readInt(text: string): Reading {
  if (!/^[+-]?\d+$/.test(text)) return { problem: `${shown(text)} is no whole number` };
  const number = Number(text);
  if (number < leastInt || number > mostInt)
    return { problem: `${shown(text)} is out of range (${leastInt} to ${mostInt})` };
  // Adding zero turns the negative zero into zero.
  return { value: number + 0 };
}

function readDouble(text: string): Reading {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text))
    return { problem: `${shown(text)} is no number` };
  const number = Number(text);
  if (!Number.isFinite(number))
    return { problem: `${shown(text)} is out of range: it must be a finite double` };
  return { value: number };
}

const datetimePattern =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)[ T](?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(\.\d{1,6})?$/;

/** Answers the datetime as MySQL takes it: with a space. It is text throughout, of no time zone. */
function readDatetime(text: string): Reading {
  const parts = datetimePattern.exec(text)?.groups;
  if (!parts)
    return { problem: `${shown(text)} is no datetime of the form YYYY-MM-DD HH:MM:SS[.ffffff]` };
  const part = (name: string) => Number(parts[name]);
  const exists =
    part("year") >= 1 &&
    part("month") >= 1 &&
    part("month") <= 12 &&
    part("day") >= 1 &&
    part("day") <= daysIn(part("year"), part("month")) &&
    part("hour") <= 23 &&
    part("minute") <= 59 &&
    part("second") <= 59;
  if (!exists) return { problem: `${shown(text)} is no datetime that exists` };
  return { value: text.replace("T", " ") };
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** The beginning of a text, quoted, so that a message stays one short line whatever the text is. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
