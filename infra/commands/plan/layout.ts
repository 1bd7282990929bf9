import { styleText } from 'node:util';
import { oneLine, wrap } from '../text.ts';
import type { BotPlan, SettingChange } from './plan-bot.ts';

const KINDS = {
  new: { title: 'new bot', sign: '+', colour: 'green' },
  removed: { title: 'removed', sign: '-', colour: 'red' },
  changed: { title: 'changes', sign: '~', colour: 'yellow' },
  unchanged: { title: 'no change', sign: ' ', colour: 'dim' },
} as const;

/** Columns in front of a value: an indent of two, a sign, the longest setting and gaps. */
const LABEL = 24;

/** Lays out the plans: a title, the settings and the notes of each bot. */
export function layOutPlans(
  plans: readonly BotPlan[],
  { columns, isColoured }: { readonly columns: number; readonly isColoured: boolean },
): string {
  return plans
    .map(({ bot, changes, kind, notes }) => {
      const { colour, sign, title } = KINDS[kind];
      const paint = (text: string) =>
        isColoured ? styleText(colour, text, { validateStream: false }) : text;
      const settings = changes.flatMap((change) => {
        const label = `  ${sign} ${change.setting}`;
        const texts = wrap(textOf(change), Math.max(20, columns - LABEL));
        // A long setting has a line of its own.
        const [first = '', ...rest] = label.length < LABEL ? texts : ['', ...texts];
        return [
          ...wrap(label.padEnd(LABEL) + first, columns).map((line) => line.trimEnd()),
          ...rest.map((text) => ' '.repeat(LABEL) + text),
        ].map(paint);
      });
      const sentences = notes.flatMap((note) =>
        wrap(oneLine(note), columns - 4).map(
          (text, index) => `${index === 0 ? '  ' : '    '}${text}`,
        ),
      );
      return [`${oneLine(bot)}  ${paint(title)}`, ...settings, ...sentences].join('\n');
    })
    .join('\n\n');
}

function textOf({ after, before }: SettingChange): string {
  return oneLine(before === undefined ? after : `${before} → ${after}`);
}
