import { jsonFields } from './json-fields.ts';
import { parseMultipart } from './multipart.ts';

/** The limit for all parameters of a request together, files not counted (tdlib, HttpReader.h). */
const MAX_PARAMETER_BYTES = 1024 * 1024;

/**
 * Thrown when Telegram refuses the request at the HTTP level, before it looks at the token: with a
 * status and an empty body.
 */
export class HttpRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A file in a multipart form. */
export interface Upload {
  readonly content: Buffer;
  readonly fileName?: string;
  readonly mimeType?: string;
}

/**
 * The parameters of a method call. Telegram treats every value as text, whatever its type in the
 * request's JSON (tdlib, HttpReader.cpp).
 */
export class Parameters {
  readonly texts: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, Upload>;

  constructor(texts: ReadonlyMap<string, string>, files: ReadonlyMap<string, Upload> = new Map()) {
    this.texts = texts;
    this.files = files;
  }

  /** Returns an empty string when the parameter is missing: Telegram makes no difference. */
  text(name: string): string {
    return this.texts.get(name) ?? '';
  }

  flag(name: string): boolean {
    return ['true', 'yes', '1'].includes(this.text(name).toLowerCase());
  }

  /** Clamps the value, never refuses it; text that is not a number counts as 0. */
  integer(name: string, range: { default: number; min: number; max: number }): number {
    const text = this.text(name);
    const value = text === '' ? range.default : Number.parseInt(text, 10) || 0;
    return Math.min(Math.max(value, range.min), range.max);
  }

  /** Returns the value of a JSON parameter, or undefined when it is missing. @throws SyntaxError */
  json(name: string): unknown {
    const text = this.text(name);
    return text === '' ? undefined : JSON.parse(text);
  }

  has(name: string): boolean {
    return this.texts.has(name);
  }

  /** Returns the same files with other texts: for parameters inside a JSON parameter. */
  with(texts: Readonly<Record<string, string>>): Parameters {
    return new Parameters(new Map(Object.entries(texts)), this.files);
  }

  file(name: string): Buffer | undefined {
    return this.files.get(name)?.content;
  }
}

/**
 * Reads parameters as Telegram does. The query string takes precedence over the body, and a body of
 * another content type counts as no body at all (tdlib, HttpReader.cpp). Of broken JSON, the fields
 * before the error count. So a setWebhook call that was meant to set a webhook may remove it, and is
 * answered with 200.
 */
export async function readParameters(request: {
  query?: string;
  contentType?: string | undefined;
  body: Buffer;
}): Promise<Parameters> {
  const query = request.query ?? '';
  const body = readBody(request.contentType ?? '', request.body);
  const texts = new Map<string, string>();
  for (const [name, value] of [...new URLSearchParams(query), ...body.texts]) {
    if (!texts.has(name)) texts.set(name, value);
  }
  if (Buffer.byteLength(query) + body.bytes > MAX_PARAMETER_BYTES) {
    const where = isMultipart(request.contentType ?? '') ? ' in form data' : '';
    throw new HttpRefusal(413, `Request Entity Too Large: too many parameters${where}`);
  }
  return new Parameters(texts, body.files);
}

interface Body {
  readonly texts: Iterable<readonly [string, string]>;
  readonly files: Map<string, Upload>;
  /** The number of bytes that count as parameters. */
  readonly bytes: number;
}

function readBody(contentType: string, body: Buffer): Body {
  const type = contentType.toLowerCase();
  if (isMultipart(contentType)) return readMultipart(contentType, body);
  const bytes = body.length;
  if (type.includes('application/x-www-form-urlencoded')) {
    return { texts: new URLSearchParams(body.toString()), files: new Map(), bytes };
  }
  if (type.includes('application/json')) {
    return { texts: jsonFields(body.toString()), files: new Map(), bytes };
  }
  return { texts: [], files: new Map(), bytes: 0 };
}

function readMultipart(contentType: string, body: Buffer): Body {
  const form = parseMultipart(contentType, body);
  if (!form) throw new HttpRefusal(400, "Bad Request: can't parse form data");
  const bytes = form.texts.reduce((sum, [, value]) => sum + Buffer.byteLength(value), 0);
  return { ...form, bytes };
}

function isMultipart(contentType: string): boolean {
  return contentType.toLowerCase().includes('multipart/form-data');
}
