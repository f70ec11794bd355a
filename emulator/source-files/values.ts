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

const datetimePattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d{1,6})?$/;

/** Answers the datetime as MySQL takes it: with a space. It is text throughout, of no time zone. */
function readDatetime(text: string): Reading {
  const parts = datetimePattern.exec(text);
  if (!parts)
    return { problem: `${shown(text)} is no datetime of the form YYYY-MM-DD HH:MM:SS[.ffffff]` };
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map(Number);
  const exists =
    year >= 1 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
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
