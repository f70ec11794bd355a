/**
 * JSON that remembers how it was written: values are found by a JSONPath, and given back as text in which each number and each
 * string stands as in the source.
 */

/** A part of a JSON text, from `start` up to `end`. */
interface Part {
  readonly start: number;
  readonly end: number;
  /** Of an object: its members; the last of those with one name. */
  readonly members?: ReadonlyMap<string, Part>;
  /** Of an array. */
  readonly items?: readonly Part[];
}

/** Far beyond any post, and far below what ends the stack. */
const deepest = 500;

export class JsonSource {
  private readonly root: Part;

  /** @throws SyntaxError if the text is not JSON, or nested more than 500 deep. */
  constructor(private readonly text: string) {
    // Finds all faults; what reads the text after it need not.
    JSON.parse(text);
    this.root = new Reader(text).value();
  }

  /** The value at a path, parsed; undefined if nothing is there. @throws as `find`. */
  value(path: string): unknown {
    const found = this.find(path);
    return found && (JSON.parse(this.text.slice(found.start, found.end)) as unknown);
  }

  /** The value at a path as JSON text, without the spaces between its tokens; undefined if nothing is there. @throws as `find`. */
  json(path: string): string | undefined {
    const found = this.find(path);
    return (
      found &&
      this.text
        .slice(found.start, found.end)
        .replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string: string | undefined) => string ?? "")
    );
  }

  /** @throws Error if the path has more than members and indices: `$.a`, `$['a']`, `$[0]`. */
  private find(path: string): Part | undefined {
    const steps = [...path.matchAll(/\.([\w-]+)|\['([^'\\]+)'\]|\[(\d+)\]/g)];
    if (path !== `$${steps.map(([step]) => step).join("")}`)
      throw new Error(`the JSONPath ${path} is not supported here`);
    return steps.reduce<Part | undefined>(
      (part, [, name, quoted, index]) =>
        index === undefined
          ? part?.members?.get(name ?? quoted ?? "")
          : part?.items?.[Number(index)],
      this.root,
    );
  }
}

/** Notes where each value of a text that is known to be JSON begins and ends. */
class Reader {
  private position = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  value(): Part {
    this.skip();
    const start = this.position;
    const first = this.text[start];
    if (first !== "{" && first !== "[") {
      this.take(first === '"' ? /"(?:[^"\\]|\\.)*"/y : /[^\s,\]}]+/y);
      return { start, end: this.position };
    }
    this.depth += 1;
    if (this.depth > deepest) throw new SyntaxError(`nested more than ${deepest} deep`);
    this.position += 1;
    const inside = first === "{" ? { members: this.members() } : { items: this.items() };
    this.depth -= 1;
    return { start, end: this.position, ...inside };
  }

  private members(): Map<string, Part> {
    const members = new Map<string, Part>();
    while (this.more("}")) {
      const name = JSON.parse(this.take(/"(?:[^"\\]|\\.)*"/y)) as string;
      this.skip();
      this.position += 1;
      members.set(name, this.value());
    }
    return members;
  }

  private items(): Part[] {
    const items: Part[] = [];
    while (this.more("]")) items.push(this.value());
    return items;
  }

  /** Moves to the next member or item, over the comma before it; false at the end, which it passes. */
  private more(end: string): boolean {
    this.skip();
    const character = this.text[this.position];
    if (character === "," || character === end) this.position += 1;
    this.skip();
    return character !== end;
  }

  private skip(): void {
    this.take(/\s*/y);
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.position;
    const [taken = ""] = pattern.exec(this.text) ?? [];
    this.position += taken.length;
    return taken;
  }
}
