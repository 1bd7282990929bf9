import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** How long to wait for what must happen: against hanging alone, as in the configuration of the tests. */
export const PATIENCE_MS = 100_000;

/** A page, and what must not happen on it. */
export class Tab {
  readonly page: Page;
  /** Requests to any origin but the page's own. They do not get anywhere. */
  readonly foreignRequests: string[] = [];
  /** Errors on the console, which include violations of the page's Content-Security-Policy, and uncaught ones. */
  readonly errors: string[] = [];
  private tolerated: RegExp | undefined;

  constructor(page: Page, origin: string) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('request', (request) => {
      const { protocol, origin: target } = new URL(request.url());
      const isLocal = protocol === 'data:' || target === origin;
      if (!isLocal) this.foreignRequests.push(request.url());
    });
    page.on('websocket', (socket) => void this.foreignRequests.push(socket.url()));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => void this.errors.push(String(error)));
  }

  /** Takes errors that match as what the test wants. */
  tolerate(errors: RegExp): void {
    this.tolerated = errors;
  }

  /** @throws if a request left the page's origin, if there was an error, or if the policy was violated */
  expectQuiet(): void {
    throwIfAny([
      ...this.foreignRequests.map((url) => `request to ${url}`),
      ...this.errors.filter((error) => !this.tolerated?.test(error)),
    ]);
  }

  /** @throws with the elements that violate a rule of axe */
  async expectAccessible(): Promise<void> {
    // A policy that forbids inline scripts does not concern the debugger.
    await this.page.evaluate(`window.axe ??= (() => { ${axe.source}; return axe; })()`);
    const violations = await this.page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
      );
    });
    throwIfAny(violations);
  }

  /** @throws if the page is wider than the window */
  async expectNoHorizontalScroll(): Promise<void> {
    const [width = 0, available = 0] = await this.page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    throwIfAny(width > available ? [`The page is ${width} pixels wide, of ${available}`] : []);
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

function throwIfAny(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.join('\n'));
}
