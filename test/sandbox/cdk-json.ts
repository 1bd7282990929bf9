import { existsSync, readFileSync } from 'node:fs';

const CDK_JSON = new URL('../../cdk.json', import.meta.url);

/**
 * Returns the command that runs the app: `app` in cdk.json.
 *
 * @throws Error when cdk.json is not JSON or has no `app`
 */
export function readAppCommand(file = CDK_JSON): string {
  const { app } = read(file);
  if (typeof app === 'string' && app !== '') return app;
  throw new Error('cdk.json has no `app`: pass the command with --app, as with cdk deploy');
}

/**
 * Returns the context that the `cdk` CLI would pass to the app: the context in cdk.json, overridden by
 * the arguments of `-c`.
 *
 * @throws Error when cdk.json is not JSON or an argument is not `key=value`
 */
export function readCliContext(args: readonly string[], file = CDK_JSON): Record<string, unknown> {
  const context: Record<string, unknown> = { ...(read(file).context as object) };
  for (const arg of args) {
    const at = arg.indexOf('=');
    if (at < 1) throw new Error(`-c takes key=value, got ${arg}`);
    context[arg.slice(0, at)] = arg.slice(at + 1);
  }
  return context;
}

function read(file: URL): { app?: unknown; context?: unknown } {
  if (!existsSync(file)) return {};
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`cdk.json is not JSON: ${(error as Error).message}`);
  }
}
