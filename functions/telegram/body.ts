/** The bytes of a file to upload. Use a `File` to send a file name as well. */
export type InputFile = Blob | Uint8Array<ArrayBuffer>;

/**
 * Builds a request body, and the headers that `fetch` does not set itself: JSON, or multipart/form-data when
 * one of the parameters is a file.
 *
 * Keys with the value `undefined` are left out and never sent as `null`: Telegram reads a JSON null as the
 * text "null", which would become the new secret_token.
 */
export function requestBody(parameters: object): Pick<RequestInit, 'body' | 'headers'> {
  const entries = Object.entries(parameters).filter(([, value]) => value !== undefined);
  if (entries.some(([, value]) => isFile(value))) return { body: multipart(entries) };
  return {
    body: JSON.stringify(Object.fromEntries(entries)),
    headers: { 'content-type': 'application/json' },
  };
}

function multipart(entries: [string, unknown][]): FormData {
  const form = new FormData();
  for (const [name, value] of entries) {
    if (isFile(value)) form.append(name, value instanceof File ? value : new File([value], name));
    else form.append(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return form;
}

function isFile(value: unknown): value is InputFile {
  return value instanceof Blob || value instanceof Uint8Array;
}
