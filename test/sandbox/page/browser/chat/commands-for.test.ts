import { expect, it } from 'vitest';
import { commandsFor } from './commands-for.ts';

const commands = ['start', 'stop', 'help'].map((command) => ({ command, description: command }));
const offered = (text: string, isOpen = false) =>
  commandsFor(commands, text, isOpen).map(({ command }) => command);

it('offers the commands that begin as the person types', () => {
  expect(offered('/')).toEqual(['start', 'stop', 'help']);
  expect(offered('/ST')).toEqual(['start', 'stop']);
  expect(offered('/stop')).toEqual(['stop']);
});

it('offers none in other texts, and all when the menu is open', () => {
  expect(offered('')).toEqual([]);
  expect(offered('hello /')).toEqual([]);
  expect(offered('/start now')).toEqual([]);
  expect(offered('hello', true)).toEqual(['start', 'stop', 'help']);
});
