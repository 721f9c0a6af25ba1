/** Where in a JSON text something stands, so that an error is shown at its line. */

export interface Places {
  /** The line, from 1, of the value that each JSON pointer names; "" is the whole. */
  lines: ReadonlyMap<string, number>;
  /** The line at which the text is no JSON any more; null where it is. */
  brokenAt: number | null;
}

export function placesOf(text: string): Places {
  const reader = new Reader(text);
  try {
    reader.value("");
    reader.end();
    return { lines: reader.lines, brokenAt: null };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { lines: reader.lines, brokenAt: reader.line() };
  }
}

/** The line of what a pointer names, or of the closest thing around it that is there. */
export function lineOf({ lines }: Places, pointer: string): number {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const line = lines.get(at);
    if (line !== undefined) return line;
    if (at === "") return 1;
  }
}

class Broken extends Error {}

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON (RFC 8259, 7) forbids them within strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANK = /[ \t\r\n]*/y;

class Reader {
  readonly lines = new Map<string, number>();
  private at = 0;

  constructor(private readonly text: string) {}

  /** The line at which reading stands. */
  line(): number {
    return this.text.slice(0, this.at).split("\n").length;
  }

  end(): void {
    this.take(BLANK);
    if (this.at < this.text.length) throw new Broken();
  }

  value(pointer: string): void {
    this.take(BLANK);
    if (!this.lines.has(pointer)) this.lines.set(pointer, this.line());
    if (this.skip("{")) this.members("}", pointer, () => this.name());
    else if (this.skip("[")) this.members("]", pointer, (index) => String(index));
    else if (this.take(STRING) === null && this.take(SCALAR) === null) throw new Broken();
  }

  private members(close: string, pointer: string, nameOf: (index: number) => string): void {
    this.take(BLANK);
    if (this.skip(close)) return;
    for (let index = 0; ; index += 1) {
      this.take(BLANK);
      const line = this.line();
      const inside = `${pointer}/${nameOf(index).replaceAll("~", "~0").replaceAll("/", "~1")}`;
      this.lines.set(inside, line);
      this.value(inside);
      this.take(BLANK);
      if (this.skip(close)) return;
      if (!this.skip(",")) throw new Broken();
    }
  }

  private name(): string {
    const written = this.take(STRING);
    this.take(BLANK);
    if (written === null || !this.skip(":")) throw new Broken();
    return JSON.parse(written);
  }

  private skip(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at += 1;
    return true;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }
}
