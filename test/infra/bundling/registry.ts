import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { writeProject } from './project.ts';

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

export interface Registry {
  /** `http://127.0.0.1:<port>/` */
  readonly url: string;
  close(): Promise<unknown>;
}

/**
 * Serves packages to npm. The server runs in a worker thread, because the code under test blocks its own thread while
 * npm runs.
 */
export async function startRegistry(
  packages: readonly { manifest: PackageManifest; files: Readonly<Record<string, Uint8Array>> }[],
): Promise<Registry> {
  const published = packages.map(({ manifest, files }) => {
    const directory = writeProject({ ...files, 'package.json': JSON.stringify(manifest) });
    npm(['pack'], directory);
    const tarball = readFileSync(join(directory, `${manifest.name}-${manifest.version}.tgz`));
    return { manifest, tarball };
  });
  const server = new Worker(SERVER, { eval: true, workerData: published });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('message', resolve).once('error', reject);
  });
  return { url: `http://127.0.0.1:${port}/`, close: () => server.terminate() };
}

/** Runs npm, quietly. */
export function npm(args: readonly string[], directory: string): void {
  const isWindows = process.platform === 'win32';
  execFileSync(isWindows ? 'npm.cmd' : 'npm', args, {
    cwd: directory,
    shell: isWindows,
    stdio: 'pipe',
  });
}

const SERVER = `
  const { createServer } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer((request, response) => {
    const [, name, isTarball] = /^\\/([^/]+)(\\/-\\/)?/.exec(request.url);
    const found = workerData.find(({ manifest }) => manifest.name === name);
    if (!found) return response.writeHead(404).end();
    if (isTarball) return response.end(found.tarball);
    const { version } = found.manifest;
    const tarball = 'http://' + request.headers.host + '/' + name + '/-/' + name + '-' + version + '.tgz';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...found.manifest, dist: { tarball } } },
    }));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
