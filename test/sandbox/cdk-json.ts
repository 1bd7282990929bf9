import { existsSync, readFileSync } from 'node:fs';

const CDK_JSON = new URL('../../cdk.json', import.meta.url);

/**
 * The command that runs the app, as `app` in cdk.json says.
 *
 * @throws Error for a cdk.json that is not JSON, and for one without `app`
 */
export function readAppCommand(file = CDK_JSON): string {
  const { app } = read(file);
  if (typeof app === 'string' && app !== '') return app;
  throw new Error('cdk.json has no `app`: name the command with --app, as for cdk deploy');
}

/**
 * The context that the `cdk` CLI would give the app: what cdk.json says, and what the command line says
 * on top of it.
 *
 * @throws Error for a cdk.json that is not JSON, and for an argument without `=`
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
