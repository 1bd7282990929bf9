/** The bytes of a file to upload. Give a `File` when Telegram is to see the file's name. */
export type InputFile = Blob | Uint8Array<ArrayBuffer>;

/**
 * A request body, and headers where `fetch` does not set them itself: JSON, or multipart/form-data when
 * one of the parameters is a file.
 *
 * Keys with the value `undefined` are left out, never sent as `null`: Telegram reads a JSON null as the
 * text "null", and would take it for the new secret_token.
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
