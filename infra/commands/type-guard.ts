/**
 * Stops a deploy of code with type errors, which esbuild and tsx would not notice. Run in front of `cdk deploy`.
 * Errors in `test/` do not count, because tests are not deployed. Without a compiler that runs, nothing is checked.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Returns the main file of the project's own compiler, if it is installed. */
function compilerOf(project: string): string | undefined {
  try {
    const manifest = createRequire(join(project, 'package.json')).resolve(
      'typescript/package.json',
    );
    return join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc);
  } catch {
    return undefined;
  }
}

/** Returns the compiler's errors in what is deployed, each with its details in indented lines. */
function deployedErrors(output: string): string[] {
  return output
    .split(/\r?\n(?=\S)/)
    .map((error) => error.trimEnd())
    .filter((error) => /error TS\d+: /.test(error) && !error.startsWith('test/'));
}

// npm runs the command in the project's directory.
const compiler = compilerOf(process.cwd());
if (compiler !== undefined) {
  const { stdout } = spawnSync(process.execPath, [compiler, '--noEmit', '--pretty', 'false'], {
    encoding: 'utf8',
  });
  const errors = deployedErrors(stdout);
  if (errors.length > 0) {
    console.error(errors.join('\n'));
    console.error(
      '\nNothing was deployed, because of these type errors. Fix them and run the command again; ' +
        '`npx cdk deploy` deploys without checking types.',
    );
    process.exit(1);
  }
}
