import { existsSync, readFileSync } from 'node:fs';

/**
 * The context that the `cdk` CLI would give the app: what cdk.json says, and what the command line says
 * on top of it.
 *
 * @throws Error for a cdk.json that is not JSON, and for an argument without `=`
 */
export function readCliContext(
  args: readonly string[],
  file = new URL('../../cdk.json', import.meta.url),
): Record<string, unknown> {
  const context: Record<string, unknown> = existsSync(file) ? contextIn(file) : {};
  for (const arg of args) {
    const at = arg.indexOf('=');
    if (at < 1) throw new Error(`-c takes key=value, got ${arg}`);
    context[arg.slice(0, at)] = arg.slice(at + 1);
  }
  return context;
}

function contextIn(file: URL): Record<string, unknown> {
  const text = readFileSync(file, 'utf8');
  try {
    return { ...JSON.parse(text).context };
  } catch (error) {
    throw new Error(`cdk.json is not JSON: ${(error as Error).message}`);
  }
}
