const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const SPACES = /\s*/y;
/** A part of a value in brackets: a string, one bracket, or what lies between. */
const PART = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]|[^"[\]{}]+/sy;
const SCALAR = /[^\s,\]}]+/y;

/**
 * Returns the fields of a JSON object as text, one by one as Telegram reads them: a string as what it
 * says, any other value as it is written, so that big numbers keep their digits. Stops at the first
 * error, and keeps what came before (tdlib, HttpReader.cpp).
 */
export function* jsonFields(source: string): Generator<[name: string, text: string]> {
  const scan = new Scan(source);
  if (!scan.skip('{')) return;
  while (!scan.skip('}')) {
    const name = scan.value();
    if (typeof name?.json !== 'string' || !scan.skip(':')) return;
    const value = scan.value();
    if (!value) return;
    yield [name.json, typeof value.json === 'string' ? value.json : value.source];
    if (!scan.skip(',') && !scan.isAt('}')) return;
  }
}

class Scan {
  private readonly source: string;
  private index = 0;

  constructor(source: string) {
    this.source = source;
  }

  isAt(character: string): boolean {
    this.take(SPACES);
    return this.source[this.index] === character;
  }

  skip(character: string): boolean {
    if (!this.isAt(character)) return false;
    this.index++;
    return true;
  }

  /** Returns the next value; undefined when it is not valid JSON. */
  value(): { json: unknown; source: string } | undefined {
    const isNested = this.isAt('{') || this.isAt('[');
    const source = isNested ? this.nested() : (this.take(STRING) ?? this.take(SCALAR));
    try {
      return source === undefined ? undefined : { json: JSON.parse(source), source };
    } catch {
      return undefined;
    }
  }

  private nested(): string | undefined {
    const start = this.index;
    let depth = 0;
    do {
      const part = this.take(PART);
      if (part === undefined) return undefined;
      if (part === '{' || part === '[') depth++;
      if (part === '}' || part === ']') depth--;
    } while (depth > 0);
    return this.source.slice(start, this.index);
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.index;
    const found = pattern.exec(this.source)?.[0];
    this.index += found?.length ?? 0;
    return found;
  }
}
