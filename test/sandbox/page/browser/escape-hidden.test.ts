import { expect, it } from 'vitest';
import { escapeHidden } from './escape-hidden.ts';

it('writes what reverses, hides or clears text as an escape', () => {
  expect(escapeHidden('report\u202efdp.exe')).toBe('report\\u202efdp.exe');
  expect(escapeHidden('a\u200bb\u2066c\u001b[2J\u0000')).toBe('a\\u200bb\\u2066c\\u001b[2J\\u0000');
});

it('leaves lines, scripts and emoji as they are', () => {
  const text = 'a\n\tb שלום می‌خواهم 👩‍💻 ❤️';
  expect(escapeHidden(text)).toBe(text);
});
