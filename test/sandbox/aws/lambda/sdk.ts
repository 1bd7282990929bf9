import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const SCOPE = '@aws-sdk';

/**
 * Links the installed packages of the AWS SDK into a `node_modules` folder. They are searched for where Node
 * searches, and the nearest one wins, because a workspace keeps them in its root, beside the kit, or in both,
 * and pnpm keeps links to them.
 *
 * @param from a file whose imports would find the packages
 */
export function linkAwsSdk(modules: string, from: string | URL = import.meta.url): void {
  const links = join(modules, SCOPE);
  mkdirSync(links, { recursive: true });
  const linked = new Set<string>();
  for (const folder of createRequire(from).resolve.paths(`${SCOPE}/core`) ?? []) {
    for (const name of packagesIn(join(folder, SCOPE))) {
      if (linked.has(name)) continue;
      linked.add(name);
      symlinkSync(join(folder, SCOPE, name), join(links, name), 'junction');
    }
  }
}

function packagesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Node searches more folders than there are.
  }
}
