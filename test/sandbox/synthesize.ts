import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeAppFailure } from './app-failure.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The kit's context for bundles that this machine runs: compiled code in packages is for its platform. */
export const bundleForThisMachine = { 'telegram-webhook-kit:bundleForThisMachine': true };

/**
 * Runs the CDK app as the `cdk` CLI would, and writes the assembly to `outputDirectory`. The CDK's own
 * validation of the template is left to `cdk synth` and `cdk deploy`, because it takes longer than
 * everything else.
 *
 * @throws Error with the reason, or the app's output, when the app fails
 */
export async function synthesize(
  outputDirectory: string,
  options: { app: string; context?: Record<string, unknown>; signal?: AbortSignal },
): Promise<void> {
  const app = spawn(options.app, {
    shell: true,
    cwd: projectRoot,
    env: {
      ...process.env,
      CDK_OUTDIR: outputDirectory,
      CDK_CONTEXT_JSON: JSON.stringify({ ...options.context, ...bundleForThisMachine }),
      CDK_VALIDATION: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
  });
  let printed = '';
  for (const stream of [app.stdout, app.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  let failure: Error | undefined;
  app.once('error', (error) => {
    failure = error;
  });
  // Even if it is aborted: until it has ended, it may write to the directory.
  const exitCode = await new Promise<number | null>((resolve) => app.once('close', resolve));
  if (failure) throw failure;
  if (exitCode !== 0) throw new Error(describeAppFailure(printed, projectRoot));
}
