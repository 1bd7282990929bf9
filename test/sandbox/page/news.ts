import { stripVTControlCharacters } from 'node:util';
import type { ReloadReport } from '../reload/reload.ts';
import type { SafeText } from '../terminal/style.ts';
import type { TypeFault } from '../type-check.ts';
import type { Page } from './page.ts';

/** The parts of the page that show what becomes of saved files. */
export type PageNews = Pick<Page, 'show' | 'notice' | 'redeployed'>;

export function showReload(page: PageNews, report: ReloadReport): void {
  const { file } = report;
  switch (report.kind) {
    case 'reloaded':
      page.show('build');
      page.notice(`reloaded ${file} in ${Math.round(report.durationMs)} ms`);
      break;
    case 'failed': {
      const title = `${file} was not reloaded, and the code before it keeps running`;
      page.show('build', { title, text: report.error });
      break;
    }
    case 'redeploying':
      page.notice(`${file} has changed: deploying the app again`);
  }
}

export function showSynthesisFailure(page: PageNews, reason: string): void {
  const title = 'Nothing was deployed, and the app runs as before';
  page.show('synthesis', { title, text: reason });
}

/** @param printed is what the deploy has printed */
export function showDeployFailure(page: PageNews, printed: readonly SafeText[]): void {
  const title = 'The app was not deployed, and runs as before';
  page.show('deploy', { title, text: stripVTControlCharacters(printed.join('\n')) });
}

/** A deploy takes all files as they are. */
export function showDeployed(page: PageNews, seconds: string): void {
  for (const kind of ['build', 'synthesis', 'deploy'] as const) page.show(kind);
  page.notice(`deployed again in ${seconds} s`);
}

export function showTypeFaults(page: PageNews, faults: readonly TypeFault[]): void {
  const lines = faults.map(({ place, message }) => [place, message].filter(Boolean).join('  '));
  const title = 'Type errors (the bot runs in spite of them)';
  page.show('types', faults.length > 0 ? { title, text: lines.join('\n') } : undefined);
}
