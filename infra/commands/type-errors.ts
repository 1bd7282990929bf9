import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Returns the type errors in what a project deploys, each with its details in indented lines. esbuild and tsx would not
 * notice them. Errors in `test/` do not count, because tests are not deployed. Without a compiler that runs, there are
 * none.
 */
export function deployedTypeErrors(project: string): string[] {
  const compiler = compilerOf(project);
  if (compiler === undefined) return [];
  const { stdout } = spawnSync(process.execPath, [compiler, '--noEmit', '--pretty', 'false'], {
    cwd: project,
    encoding: 'utf8',
  });
  return stdout
    .split(/\r?\n(?=\S)/)
    .map((error) => error.trimEnd())
    .filter((error) => /error TS\d+: /.test(error) && !error.startsWith('test/'));
}

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
