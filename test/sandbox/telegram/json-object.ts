/** Thrown when a field of a JSON object is missing or of another type. The message is Telegram's. */
export class JsonFieldError extends Error {}

/** The fields of a JSON object, read with Telegram's tolerance and refusals (tdlib, JsonBuilder.cpp). */
export class JsonObject {
  private readonly fields: Readonly<Record<string, unknown>>;

  private constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields;
  }

  /** Returns undefined for JSON that is not an object. */
  static of(value: unknown): JsonObject | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return new JsonObject(value as Record<string, unknown>);
  }

  /** Also true for a field that is null. */
  has(name: string): boolean {
    return Object.hasOwn(this.fields, name);
  }

  /** Returns an empty text when the field is missing. A number counts as text. */
  text(name: string): string {
    if (!this.has(name)) return '';
    const value = this.fields[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw mustBe(name, 'of type String');
  }

  requiredText(name: string): string {
    this.require(name);
    return this.text(name);
  }

  /** Returns false when the field is missing. */
  flag(name: string): boolean {
    if (!this.has(name)) return false;
    const value = this.fields[name];
    if (typeof value === 'boolean') return value;
    throw mustBe(name, 'of type Boolean');
  }

  /** Returns a 32-bit number, which may be given as text. */
  requiredInteger(name: string): number {
    const value = Number(this.requiredLong(name));
    if (value !== (value | 0)) throw mustBe(name, 'a valid Number');
    return value;
  }

  integer(name: string, otherwise: number): number {
    return this.has(name) ? this.requiredInteger(name) : otherwise;
  }

  /** Returns a 64-bit number as text: JavaScript's numbers would round it. */
  requiredLong(name: string): string {
    this.require(name);
    const value = this.fields[name];
    if (typeof value !== 'string' && typeof value !== 'number') throw mustBe(name, 'a Number');
    const digits = String(value);
    if (
      !/^(?:0|-?[1-9]\d*)$/.test(digits) ||
      BigInt.asIntN(64, BigInt(digits)) !== BigInt(digits)
    ) {
      throw mustBe(name, 'a valid Number');
    }
    return digits;
  }

  requiredObject(name: string): JsonObject {
    this.require(name);
    const object = JsonObject.of(this.fields[name]);
    if (!object) throw mustBe(name, 'of type Object');
    return object;
  }

  /** Returns an empty array when the field is missing. */
  array(name: string): readonly unknown[] {
    if (!this.has(name)) return [];
    const value = this.fields[name];
    if (!Array.isArray(value)) throw mustBe(name, 'of type Array');
    return value;
  }

  /** The fields as they are, to be passed on. */
  get content(): Readonly<Record<string, unknown>> {
    return this.fields;
  }

  private require(name: string): void {
    if (!this.has(name)) throw new JsonFieldError(`Can't find field "${name}"`);
  }
}

function mustBe(name: string, what: string): JsonFieldError {
  return new JsonFieldError(`Field "${name}" must be ${what}`);
}
