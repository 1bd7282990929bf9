import { relative } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/** How long to wait for more: editors write a file in several steps, and git writes many files. */
const QUIET_MS = 40;

/** Folders with too many files that are nobody's source; files and folders with a dot in front. */
const IGNORED = /(^|[\\/])(node_modules|cdk\.out|\.[^.\\/][^\\/]*)([\\/]|$)/;

/** Watches a folder, and further files, and reports what has changed in batches. */
export class Changes {
  private readonly watcher: FSWatcher;
  private readonly changed = new Set<string>();
  private timer?: NodeJS.Timeout;

  /** Resolves when changes are noticed. */
  static async watch(
    root: string,
    onChange: (paths: ReadonlySet<string>) => void,
  ): Promise<Changes> {
    const changes = new Changes(root, onChange);
    await new Promise<void>((resolve) => changes.watcher.once('ready', resolve));
    return changes;
  }

  private constructor(root: string, onChange: (paths: ReadonlySet<string>) => void) {
    this.watcher = watch(root, {
      ignoreInitial: true,
      ignored: (path) => IGNORED.test(relative(root, path)),
    });
    this.watcher.on('all', (_event, path) => {
      this.changed.add(path);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        const batch = new Set(this.changed);
        this.changed.clear();
        onChange(batch);
      }, QUIET_MS);
    });
    // A folder that cannot be watched is no reason to end the chat.
    this.watcher.on('error', () => {});
  }

  /** Watches more files and folders. */
  add(paths: readonly string[]): void {
    this.watcher.add([...paths]);
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.watcher.close();
  }
}
