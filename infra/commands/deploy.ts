/** `npm run deploy`: runs `cdk deploy`, but not with type errors, and says how to sign in to AWS if that is missing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { withHint } from './aws-hints.ts';
import { clientOptions } from './client-options.ts';
import { ExitCode } from './run-main.ts';
import { deployedTypeErrors } from './type-errors.ts';

/** Runs `cdk deploy` in this terminal. Resolves with its exit code. */
async function cdkDeploy(project: string, args: readonly string[]): Promise<number> {
  const require = createRequire(join(project, 'package.json'));
  const manifest = require.resolve('aws-cdk/package.json');
  const cdk = join(dirname(manifest), require(manifest).bin.cdk);
  const child = spawn(process.execPath, [cdk, 'deploy', ...args], { stdio: 'inherit' });
  // Ctrl-C goes to the CDK too, which ends by itself.
  process.on('SIGINT', () => {});
  const [exitCode] = await once(child, 'exit');
  return exitCode ?? ExitCode.failed;
}

/** Returns what to do if AWS credentials are missing, which the CDK's own message does not say. */
async function missingCredentials(args: readonly string[]): Promise<string | undefined> {
  const { profile } = parseArgs({
    args: [...args],
    options: { profile: { type: 'string' } },
    strict: false,
  }).values;
  if (typeof profile === 'string') process.env.AWS_PROFILE = profile;
  // Not loaded before, because a deploy that succeeds would wait for it.
  const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
  const { credentials } = new CloudFormationClient(clientOptions()).config;
  return credentials().then(() => undefined, withHint);
}

// npm runs the command in the project's directory.
const project = process.cwd();
const args = process.argv.slice(2);
const errors = deployedTypeErrors(project);
if (errors.length > 0) {
  console.error(errors.join('\n'));
  console.error(
    '\nNothing was deployed, because of these type errors. Fix them and run the command again; ' +
      '`npx cdk deploy` deploys without checking types.',
  );
  process.exitCode = ExitCode.failed;
} else {
  process.exitCode = await cdkDeploy(project, args);
  const advice = process.exitCode === 0 ? undefined : await missingCredentials(args);
  if (advice !== undefined) console.error(`AWS: ${advice}`);
}
