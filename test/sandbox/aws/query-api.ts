import { jsonApi, perform, type ServedApi } from './json-api.ts';
import { ServiceError } from './service-error.ts';

/** Serves an API of AWS's query protocol: a form as the request, XML as the response. */
export function serveQuery({ version, ...options }: ServedApi & { version: string }): void {
  const api = { ...options, deniedStatus: 403 };
  const handle = jsonApi('text/xml', async (request, body) => {
    try {
      const { Action = '', Version, ...input } = Object.fromEntries(new URLSearchParams(body));
      if (Version !== version) {
        throw new ServiceError('InvalidAction', `The sandbox has only version ${version}`);
      }
      const result = await perform(api, Action, input, request);
      const content = { [`${Action}Response`]: { [`${Action}Result`]: result } };
      return { status: 200, body: xml(content) };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { code: Code, message: Message, status } = error;
      const content = { ErrorResponse: { Error: { Type: 'Sender', Code, Message } } };
      return { status, body: xml(content) };
    }
  });
  api.network.serve(`${api.service}.${api.region}.amazonaws.com`, handle);
}

/** Writes an object as XML, a list as `<member>` elements. Leaves out what is undefined. */
function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${xml(item)}</member>`).join('');
  if (typeof value !== 'object' || value === null) {
    return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  }
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => `<${name}>${xml(item)}</${name}>`)
    .join('');
}
