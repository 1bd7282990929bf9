import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Invocation } from '../sandbox/index.ts';
import type { Code, Surroundings } from './lambda.ts';

/** How the framework's function reaches others. */
export interface Outbound {
  readonly invoke: (functionArn: string, event: unknown) => Promise<Invocation>;
  readonly put: (url: URL, body: string) => Promise<{ status: number }>;
}

/** The SDK sends a broken invocation three times, and the framework asks the SDK once more. */
const INVOCATIONS = 6;

/**
 * The CDK's own provider framework, as it runs in Lambda. Its two ways out are led to `outbound`; all
 * that lies between is its code, unchanged.
 */
export function providerFramework(surroundings: Surroundings, outbound: Outbound): Code {
  return (event) =>
    current.run({ surroundings, outbound }, () => framework.onEvent(event as object));
}

const current = new AsyncLocalStorage<{ surroundings: Surroundings; outbound: Outbound }>();

// By its path: the package does not export it.
const runtime = fileURLToPath(
  new URL(
    '../../node_modules/aws-cdk-lib/custom-resources/lib/provider-framework/runtime/',
    import.meta.url,
  ),
);
const require = createRequire(import.meta.url);
const framework: { onEvent(event: object): Promise<void> } = require(`${runtime}framework.js`);

Object.assign(require(`${runtime}outbound.js`), {
  async invokeFunction({ FunctionName, Payload }: { FunctionName: string; Payload: string }) {
    const { invoke } = here().outbound;
    let broken: unknown;
    for (let count = 0; count < INVOCATIONS; count++) {
      try {
        const { functionError, payload } = await invoke(FunctionName, JSON.parse(Payload));
        return { StatusCode: 200, FunctionError: functionError, Payload: Buffer.from(payload) };
      } catch (error) {
        broken = error;
      }
    }
    throw broken;
  },

  async httpRequest({ hostname, path }: { hostname: string; path: string }, body: string) {
    const { status } = await here().outbound.put(new URL(`https://${hostname}${path}`), body);
    if (status >= 400) throw new Error(`Unsuccessful HTTP response: ${status}`);
  },
});

Object.assign(require(`${runtime}util.js`), {
  getEnv: (name: string) => here().surroundings.configuration.environment[name],
  log: (...parts: unknown[]) =>
    here().surroundings.log.info(
      parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' '),
    ),
});

function here() {
  const found = current.getStore();
  if (!found) throw new Error('The provider framework runs outside of an invocation');
  return found;
}
