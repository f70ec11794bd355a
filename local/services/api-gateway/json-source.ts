/**
 * JSON that remembers how it was written: values are found by a JSONPath, and given back as text in which each number and each
 * string stands as in the source. What no path leads to is passed over and takes no memory.
 */
import {
  afterSpace,
  afterString,
  afterValue,
  openBrace,
  openBracket,
  quote,
  space,
} from "../json-bytes";

export class JsonSource {
  private readonly bytes: Buffer;
  private readonly root: Part;

  /** @throws SyntaxError if the text is not JSON. */
  constructor(text: string) {
    // Finds all faults; what reads the text after it need not.
    JSON.parse(text);
    this.bytes = Buffer.from(text);
    const start = afterSpace(this.bytes, 0);
    this.root = new Part(this.bytes, start, afterValue(this.bytes, start));
  }

  /** The value at a path, parsed; undefined if nothing is there. @throws as `find`. */
  value(path: string): unknown {
    const found = this.find(path);
    return found && (JSON.parse(this.bytes.toString("utf8", found.start, found.end)) as unknown);
  }

  /** The value at a path as JSON text, without the spaces between its tokens; undefined if nothing is there. @throws as `find`. */
  json(path: string): string | undefined {
    const found = this.find(path);
    return found && withoutSpaces(this.bytes, found.start, found.end);
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
    private readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
  ) {}

  /** Of an object; the last of those with one name. */
  member(name: string): Part | undefined {
    if (this.bytes[this.start] !== openBrace) return undefined;
    this.members ??= this.readMembers();
    return this.members.get(name);
  }

  /** Of an array. */
  item(index: number): Part | undefined {
    if (this.bytes[this.start] !== openBracket) return undefined;
    this.items ??= this.readItems();
    return this.items[index];
  }

  private readMembers(): Map<string, Part> {
    const { bytes } = this;
    const members = new Map<string, Part>();
    for (let at = this.firstInside(); at < this.end - 1; at = afterComma(bytes, at)) {
      const nameEnd = afterString(bytes, at);
      const name = JSON.parse(bytes.toString("utf8", at, nameEnd)) as string;
      const start = afterSpace(bytes, afterSpace(bytes, nameEnd) + 1);
      at = afterValue(bytes, start);
      members.set(name, new Part(bytes, start, at));
    }
    return members;
  }

  private readItems(): Part[] {
    const { bytes } = this;
    const items: Part[] = [];
    for (let at = this.firstInside(); at < this.end - 1; at = afterComma(bytes, at)) {
      const start = at;
      at = afterValue(bytes, start);
      items.push(new Part(bytes, start, at));
    }
    return items;
  }

  private firstInside(): number {
    return afterSpace(this.bytes, this.start + 1);
  }
}

/** Where the next member or item begins after one that ends at `start`, or the bracket that closes them stands behind it. */
function afterComma(bytes: Buffer, start: number): number {
  return afterSpace(bytes, afterSpace(bytes, start) + 1);
}

function withoutSpaces(bytes: Buffer, start: number, end: number): string {
  let kept = "";
  let from = start;
  for (let at = start; at < end;) {
    const byte = bytes[at] ?? quote;
    if (byte === quote) at = afterString(bytes, at);
    else if (byte <= space) {
      kept += bytes.toString("utf8", from, at);
      at = afterSpace(bytes, at);
      from = at;
    } else at++;
  }
  return kept + bytes.toString("utf8", from, end);
}
