import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** Resources that keep Node running only until something is done, by the names that Node gives them. */
const KINDS: Readonly<Record<string, string>> = {
  Timeout: 'timer',
  FSReqCallback: 'file operation',
  FSReqPromise: 'file operation',
};

/**
 * The work that the function has begun and not finished. A socket is no sign of it: most are open because
 * they are kept for the next request. Therefore HTTP requests count instead, until their response
 * begins. Not seen is what waits for other protocols alone, for example a query to a database.
 */
export class PendingWork {
  private readonly requests = new Set<unknown>();
  private present: readonly string[] = [];

  constructor() {
    const begin = (request: unknown) => this.requests.add(request);
    const end = (request: unknown) => this.requests.delete(request);
    // `fetch`, and undici in the function's own code
    subscribe('undici:request:create', (message) => begin(requestIn(message)));
    subscribe('undici:request:headers', (message) => end(requestIn(message)));
    subscribe('undici:request:error', (message) => end(requestIn(message)));
    // node:http and node:https
    subscribe('http.client.request.start', (message) => {
      const request = requestIn(message) as ClientRequest;
      begin(request);
      request.once('close', () => end(request));
    });
    subscribe('http.client.response.finish', (message) => end(requestIn(message)));
  }

  /** Leaves out what runs by now: what a module starts while it loads is there to stay. */
  ignorePresent(): void {
    this.present = this.list();
  }

  /** Returns the kind of each piece of work. */
  list(): string[] {
    const resources = process.getActiveResourcesInfo().flatMap((name) => KINDS[name] ?? []);
    const requests = Array.from(this.requests, () => 'HTTP request');
    const ignored = [...this.present];
    return [...resources, ...requests].filter((kind) => {
      const at = ignored.indexOf(kind);
      if (at >= 0) ignored.splice(at, 1);
      return at < 0;
    });
  }
}

function requestIn(message: unknown): unknown {
  return (message as { request: unknown }).request;
}
