import type { IncomingMessage } from 'node:http';

const MAX_BYTES = 20 * 1024 * 1024;

/** No action can be read from a request. The message says what to do. */
export class UnreadableRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads a JSON body. A browser sends this content type for another site's page only if the server allows it first
 * (CORS), and this one never does.
 *
 * @throws UnreadableRequest
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new UnreadableRequest(415, 'Send the action as application/json.');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Reads all of it even if it is too much: a browser that is still sending does not look at the response.
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BYTES) chunks.push(chunk);
  }
  if (bytes > MAX_BYTES)
    throw new UnreadableRequest(413, 'The file is too large: send one of at most 14 MB.');
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new UnreadableRequest(400, 'The action is not JSON.');
  }
}
