import type { Download } from '../telegram/bot-api.ts';
import type { RecordingCall } from './recording.ts';

/** How many files wait for the update that they belong to. */
const MAX_WAITING = 20;

/** The files that bots have downloaded, until the update is written for which they asked for them. */
export class Downloads {
  /** By bot and path, the latest last. */
  private readonly waiting = new Map<string, Buffer>();

  add({ botId, path, content }: Download): void {
    const key = `${botId} ${path}`;
    this.waiting.delete(key);
    this.waiting.set(key, content);
    const [oldest] = this.waiting.keys();
    if (this.waiting.size > MAX_WAITING && oldest !== undefined) this.waiting.delete(oldest);
  }

  /** Returns the files that a bot asked for with getFile, in base64, by their paths. They wait no longer. */
  take(botId: number, calls: readonly RecordingCall[]): Record<string, string> {
    const paths = calls.flatMap(({ method, answer }) =>
      method === 'getFile' && answer?.ok ? pathIn(answer.result) : [],
    );
    const files: Record<string, string> = {};
    for (const path of paths) {
      const key = `${botId} ${path}`;
      const content = this.waiting.get(key);
      if (content) files[path] = content.toString('base64');
      this.waiting.delete(key);
    }
    return files;
  }
}

function pathIn(result: unknown): string[] {
  const { file_path } = (result ?? {}) as { readonly file_path?: unknown };
  return typeof file_path === 'string' ? [file_path] : [];
}
