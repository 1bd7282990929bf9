import type { ReloadReport } from '../reload/reload.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

/** How many lines of an error are shown: esbuild's picture of one place has five. */
const ERROR_LINES = 6;

/** Describes what became of a saved file. */
export function describeReload(report: ReloadReport): SafeText {
  const file = visible(report.file);
  switch (report.kind) {
    case 'reloaded': {
      const text = style('dim', line`reloaded ${file} in ${Math.round(report.durationMs)} ms`);
      return report.warnings ? line`${text}\n${firstLines(report.warnings)}` : text;
    }
    case 'failed': {
      const title = style(
        'red',
        line`${file} was not reloaded, and the code before it keeps running:`,
      );
      return line`${title}\n${firstLines(report.error)}`;
    }
    case 'redeploying':
      return style('dim', line`${file} has changed: deploying the app again`);
  }
}

function firstLines(text: string): SafeText {
  const lines = text.trim().split('\n');
  const shown = lines.slice(0, ERROR_LINES).join('\n').trimEnd();
  return indent(visible(lines.length > ERROR_LINES ? `${shown}\n…` : shown));
}
