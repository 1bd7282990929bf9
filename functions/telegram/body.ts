/** The bytes of a file to upload. Use a `File` to send a file name as well. */
export type InputFile = Blob | Uint8Array<ArrayBuffer>;

export interface RequestBody {
  readonly body: string | Buffer;
  readonly contentType: string;
}

/**
 * Builds a request body: JSON, or multipart/form-data when there are files. A file is a parameter of its own, like
 * `photo`, or stands anywhere inside one, like the `media` of an album.
 *
 * Keys with the value `undefined` are left out and never sent as `null`: Telegram reads a JSON null as the
 * text "null", which would become the new secret_token.
 */
export async function requestBody(parameters: object): Promise<RequestBody> {
  const files: [name: string, file: InputFile][] = [];
  const json = JSON.stringify(parameters, function (this: Record<string, unknown>, key, value) {
    // `value` is what `toJSON` has made of it.
    const original = this[key];
    if (!isFile(original)) return value;
    const isParameter = this === parameters;
    const name = isParameter ? key : `file${files.length}`;
    files.push([name, original]);
    return isParameter ? undefined : `attach://${name}`;
  });
  if (files.length === 0) return { body: json, contentType: 'application/json' };
  const fields = Object.entries<unknown>(JSON.parse(json)).map(
    ([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ],
  );
  return multipart(fields, files);
}

/** @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
async function multipart(
  fields: readonly [name: string, text: string][],
  files: readonly [name: string, file: InputFile][],
): Promise<RequestBody> {
  // `FormData` would load all of `fetch` with it.
  const boundary = `form-${process.getBuiltinModule('node:crypto').randomUUID()}`;
  const head = (name: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${percentEncoded(name)}"`;
  const parts = fields.map(([name, text]) => Buffer.from(`${head(name)}\r\n\r\n${text}\r\n`));
  for (const [name, file] of files) {
    const fileName = 'name' in file ? String(file.name) : name;
    const type = ('type' in file && file.type) || 'application/octet-stream';
    parts.push(
      Buffer.from(
        `${head(name)}; filename="${percentEncoded(fileName)}"\r\ncontent-type: ${type}\r\n\r\n`,
      ),
      file instanceof Uint8Array ? Buffer.from(file) : Buffer.from(await file.arrayBuffer()),
      Buffer.from('\r\n'),
    );
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return {
    body: Buffer.concat(parts),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

function percentEncoded(text: string): string {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

/** Whether a value is a file, without naming `Blob`, which Node would load for that. */
function isFile(value: unknown): value is InputFile {
  if (value instanceof Uint8Array) return true;
  return typeof (value as Blob | null)?.arrayBuffer === 'function';
}
