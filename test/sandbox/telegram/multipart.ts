import type { Upload } from './parameters.ts';

export interface MultipartForm {
  readonly texts: [string, string][];
  readonly files: Map<string, Upload>;
}

/**
 * Reads a multipart form as leniently as Telegram (tdlib, HttpReader.cpp): names may be unquoted, and headers
 * need no space. The parser of Node's `Response` refuses what bot libraries send.
 *
 * @returns undefined for a body that is no such form
 */
export function parseMultipart(contentType: string, body: Buffer): MultipartForm | undefined {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (!boundary) return undefined;
  const form: MultipartForm = { texts: [], files: new Map() };
  const separator = `--${boundary}`;
  let at = body.indexOf(separator);
  if (at < 0) return undefined;
  for (;;) {
    const start = at + separator.length;
    if (body.toString('latin1', start, start + 2) === '--') return form;
    const headersEnd = body.indexOf('\r\n\r\n', start);
    const end = body.indexOf(`\r\n${separator}`, Math.max(start, headersEnd + 2));
    if (headersEnd < 0 || end < 0) return undefined;
    const headers = body.toString('utf8', start, headersEnd);
    if (!addPart(form, headers, body.subarray(headersEnd + 4, end))) return undefined;
    at = end + 2;
  }
}

function addPart(form: MultipartForm, headers: string, content: Buffer): boolean {
  const [disposition = ''] = /^content-disposition:.*$/im.exec(headers) ?? [];
  const name = attribute(disposition, 'name');
  if (name === undefined) return false;
  const fileName = attribute(disposition, 'filename');
  if (fileName === undefined) {
    form.texts.push([name, content.toString()]);
    return true;
  }
  const mimeType = /^content-type:\s*(\S+)/im.exec(headers)?.[1]?.trim();
  form.files.set(name, {
    content,
    ...(fileName && { fileName }),
    ...(mimeType && { mimeType }),
  });
  return true;
}

function attribute(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"((?:\\\\.|[^"])*)"|([^;\\s]*))`, 'i').exec(header);
  return match ? (match[1]?.replace(/\\(.)/g, '$1') ?? match[2]) : undefined;
}
