/**
 * JSON that remembers how it was written: values are found by a JSONPath, and given back as text in which each number and each
 * string stands as in the source. What no path leads to is passed over and takes no memory.
 */

const quote = '"'.charCodeAt(0);
const comma = ",".charCodeAt(0);
const backslash = "\\".charCodeAt(0);
const openBrace = "{".charCodeAt(0);
const closeBrace = "}".charCodeAt(0);
const openBracket = "[".charCodeAt(0);
const closeBracket = "]".charCodeAt(0);
/** None of JSON's other characters outside strings stands before it. */
const space = " ".charCodeAt(0);

export class JsonSource {
  private readonly root: Part;

  /** @throws SyntaxError if the text is not JSON. */
  constructor(private readonly text: string) {
    // Finds all faults; what reads the text after it need not.
    JSON.parse(text);
    const start = afterSpace(text, 0);
    this.root = new Part(text, start, afterValue(text, start));
  }

  /** The value at a path, parsed; undefined if nothing is there. @throws as `find`. */
  value(path: string): unknown {
    const found = this.find(path);
    return found && (JSON.parse(this.text.slice(found.start, found.end)) as unknown);
  }

  /** The value at a path as JSON text, without the spaces between its tokens; undefined if nothing is there. @throws as `find`. */
  json(path: string): string | undefined {
    const found = this.find(path);
    return found && withoutSpaces(this.text, found.start, found.end);
  }

  /** @throws Error if the path has more than members and indices: `$.a`, `$['a']`, `$[0]`. */
  private find(path: string): Part | undefined {
    const steps = [...path.matchAll(/\.([\w-]+)|\['([^'\\]+)'\]|\[(\d+)\]/g)];
    if (path !== `$${steps.map(([step]) => step).join("")}`)
      throw new Error(`the JSONPath ${path} is not supported here`);
    return steps.reduce<Part | undefined>(
      (part, [, name, quoted, index]) =>
        index === undefined ? part?.member(name ?? quoted ?? "") : part?.item(Number(index)),
      this.root,
    );
  }
}

/** A part of a text that is known to be JSON, from `start` up to `end`. What is in it is found once it is asked for. */
class Part {
  private members: ReadonlyMap<string, Part> | undefined;
  private items: readonly Part[] | undefined;

  constructor(
    private readonly text: string,
    readonly start: number,
    readonly end: number,
  ) {}

  /** Of an object; the last of those with one name. */
  member(name: string): Part | undefined {
    if (this.text.charCodeAt(this.start) !== openBrace) return undefined;
    this.members ??= this.readMembers();
    return this.members.get(name);
  }

  /** Of an array. */
  item(index: number): Part | undefined {
    if (this.text.charCodeAt(this.start) !== openBracket) return undefined;
    this.items ??= this.readItems();
    return this.items[index];
  }

  private readMembers(): Map<string, Part> {
    const { text } = this;
    const members = new Map<string, Part>();
    for (let at = this.firstInside(); at < this.end - 1; at = afterComma(text, at)) {
      const nameEnd = afterString(text, at);
      const name = JSON.parse(text.slice(at, nameEnd)) as string;
      const start = afterSpace(text, afterSpace(text, nameEnd) + 1);
      at = afterValue(text, start);
      members.set(name, new Part(text, start, at));
    }
    return members;
  }

  private readItems(): Part[] {
    const { text } = this;
    const items: Part[] = [];
    for (let at = this.firstInside(); at < this.end - 1; at = afterComma(text, at)) {
      const start = at;
      at = afterValue(text, start);
      items.push(new Part(text, start, at));
    }
    return items;
  }

  private firstInside(): number {
    return afterSpace(this.text, this.start + 1);
  }
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= space) at++;
  return at;
}

/** Where the next member or item begins after one that ends at `start`, or the bracket that closes them stands behind it. */
function afterComma(text: string, start: number): number {
  return afterSpace(text, afterSpace(text, start) + 1);
}

function afterString(text: string, start: number): number {
  let end = start;
  do end = text.indexOf('"', end + 1);
  while (isEscaped(text, end));
  return end + 1;
}

function isEscaped(text: string, position: number): boolean {
  let first = position;
  while (text.charCodeAt(first - 1) === backslash) first--;
  return (position - first) % 2 === 1;
}

/** The end of the value that begins at `start`: no recursion, since a text may be nested deeper than the stack is. */
function afterValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const character = text.charCodeAt(at);
    if (character === quote) at = afterString(text, at);
    else {
      if (character === openBrace || character === openBracket) depth++;
      else if (character === closeBrace || character === closeBracket) depth--;
      else if (depth === 0) return afterWord(text, at);
      at++;
    }
  } while (depth > 0);
  return at;
}

/** The end of a number, `true`, `false` or `null`. */
function afterWord(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const character = text.charCodeAt(at);
    const ends =
      character <= space ||
      character === comma ||
      character === closeBrace ||
      character === closeBracket;
    if (ends) return at;
  }
  return text.length;
}

function withoutSpaces(text: string, start: number, end: number): string {
  let kept = "";
  let from = start;
  for (let at = start; at < end;) {
    const character = text.charCodeAt(at);
    if (character === quote) at = afterString(text, at);
    else if (character <= space) {
      kept += text.slice(from, at);
      at = afterSpace(text, at);
      from = at;
    } else at++;
  }
  return kept + text.slice(from, end);
}
