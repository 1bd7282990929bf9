import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CompletedInvocation } from '../sandbox/index.ts';
import type { Code, FunctionContext } from './lambda.ts';

/** The framework's two kinds of outgoing request. */
export interface Outbound {
  readonly invoke: (functionArn: string, event: unknown) => Promise<CompletedInvocation>;
  readonly put: (url: URL, body: string) => Promise<{ status: number }>;
}

/** If the connection breaks, the SDK makes three attempts, and the framework then calls the SDK once more. */
const ATTEMPTS = 6;

/**
 * Returns the CDK's own provider framework, as it runs in Lambda. Its outgoing requests go to `outbound`; the
 * rest is its own code, unchanged.
 */
export function providerFramework(context: FunctionContext, outbound: Outbound): Code {
  return (event) => current.run({ context, outbound }, () => framework.onEvent(event as object));
}

const current = new AsyncLocalStorage<{ context: FunctionContext; outbound: Outbound }>();

// Required by path, because the package does not export it.
const require = createRequire(import.meta.url);
const library = dirname(require.resolve('aws-cdk-lib/package.json'));
const runtime = join(library, 'custom-resources/lib/provider-framework/runtime');
const framework: { onEvent(event: object): Promise<void> } = require(`${runtime}/framework.js`);

Object.assign(require(`${runtime}/outbound.js`), {
  async invokeFunction({ FunctionName, Payload }: { FunctionName: string; Payload: string }) {
    const { invoke } = currentInvocation().outbound;
    let lastError: unknown;
    for (let count = 0; count < ATTEMPTS; count++) {
      try {
        const { functionError, payload } = await invoke(FunctionName, JSON.parse(Payload));
        return { StatusCode: 200, FunctionError: functionError, Payload: Buffer.from(payload) };
      } catch (error) {
        lastError = error;
      }
    }
    throw lastError;
  },

  async httpRequest({ hostname, path }: { hostname: string; path: string }, body: string) {
    const { status } = await currentInvocation().outbound.put(
      new URL(`https://${hostname}${path}`),
      body,
    );
    if (status >= 400) throw new Error(`Unsuccessful HTTP response: ${status}`);
  },
});

Object.assign(require(`${runtime}/util.js`), {
  getEnv: (name: string) => currentInvocation().context.configuration.environment[name],
  log: (...parts: unknown[]) =>
    currentInvocation().context.log.info(
      parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '),
    ),
});

function currentInvocation() {
  const found = current.getStore();
  if (!found) throw new Error('The provider framework was called outside an invocation');
  return found;
}
