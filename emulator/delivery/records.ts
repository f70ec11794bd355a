/**
 * The records of one request, kept as the bytes of its body from the moment they are added.
 *
 * As text they would be copied by V8's collections for as long as they wait, and once more to make the body.
 */

/** How a request's body is made: what stands around each row's JSON, and around all records. All of it is ASCII. */
export interface BodyForm {
  readonly opening: string;
  /** What stands before the JSON of the row with that key. */
  readonly before: (key: number) => string;
  /** What stands after it. */
  readonly after: (key: number) => string;
  readonly closing: string;
}

/** Bytes of a UTF-16 code unit in UTF-8, at most. */
const mostBytesOfUnit = 3;
const separator = ",".charCodeAt(0);

export class Records {
  private readonly keys: number[] = [];
  /** Where each record ends; the next begins after a comma. */
  private readonly ends: number[] = [];
  private distinct: Set<number> | undefined;

  /** @param storage is written over; where it is too small, a larger one takes its place. */
  constructor(
    private readonly form: BodyForm,
    private storage: Buffer,
  ) {
    this.reserve(form.opening.length);
    this.storage.write(form.opening, "latin1");
  }

  /** How many there are. */
  get count(): number {
    return this.keys.length;
  }

  /** The key of the record at a position, negative from the end; undefined if there is none. */
  keyAt(position: number): number | undefined {
    return this.keys.at(position);
  }

  /** Whether a record has the key. */
  has(key: number): boolean {
    // Nobody asks where the keys only grow.
    this.distinct ??= new Set(this.keys);
    return this.distinct.has(key);
  }

  /**
   * Adds a row's record.
   *
   * @returns its bytes.
   */
  add(key: number, json: string): number {
    const { before, after } = this.form;
    const text = before(key) + json + after(key);
    const start = this.startAt(this.count);
    if (this.storage.length < start + text.length * mostBytesOfUnit)
      this.reserve(start + Buffer.byteLength(text));
    const bytes = this.storage.write(text, start);
    this.keep(key, start + bytes);
    return bytes;
  }

  /** Adds a record of others of the same form. @throws RangeError if there is none at the position. */
  addFrom(others: Records, position: number): void {
    const { key, start: from, end: to } = others.at(position);
    const start = this.startAt(this.count);
    const end = start + to - from;
    this.reserve(end);
    others.storage.copy(this.storage, start, from, to);
    this.keep(key, end);
  }

  /** Takes out the record that was added last. */
  removeLast(): void {
    const key = this.keys.pop();
    this.ends.pop();
    if (key !== undefined) this.distinct?.delete(key);
  }

  /** The row whose record stands at the position. @throws RangeError if there is none. */
  rowAt(position: number): { key: number; json: string } {
    const { before, after } = this.form;
    const { key, start, end } = this.at(position);
    const json = this.storage.toString("utf8", start + before(key).length, end - after(key).length);
    return { key, json };
  }

  /** The request's body; valid until the next record is added or taken out. */
  body(): Buffer {
    const { closing } = this.form;
    const end = this.ends.at(-1) ?? this.form.opening.length;
    this.reserve(end + closing.length);
    this.storage.write(closing, end, "latin1");
    return this.storage.subarray(0, end + closing.length);
  }

  /** Hands the storage over to be written over: what these records were cannot be read any more. */
  release(): Buffer {
    const { storage } = this;
    this.storage = Buffer.alloc(0);
    return storage;
  }

  private at(position: number): { key: number; start: number; end: number } {
    const key = this.keys[position];
    const end = this.ends[position];
    if (key === undefined || end === undefined)
      throw new RangeError(`of ${this.count} records there is none at ${position}`);
    return { key, start: this.startAt(position), end };
  }

  private startAt(position: number): number {
    const end = this.ends[position - 1];
    return end === undefined ? this.form.opening.length : end + 1;
  }

  private keep(key: number, end: number): void {
    const previous = this.ends.at(-1);
    if (previous !== undefined) this.storage[previous] = separator;
    this.keys.push(key);
    this.ends.push(end);
    this.distinct?.add(key);
  }

  private reserve(bytes: number): void {
    if (bytes <= this.storage.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.storage.length * 2));
    larger.set(this.storage);
    this.storage = larger;
  }
}
