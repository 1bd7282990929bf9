import { expect, it } from 'vitest';
import { type Link, type LinkEvent, linkAfter } from './link.ts';

const after = (...events: LinkEvent[]) => events.reduce<Link>(linkAfter, { is: 'connecting' }).is;

it('is lost while the browser tries again, and open once it succeeds', () => {
  expect(after('opened')).toBe('open');
  expect(after('opened', 'failed')).toBe('lost');
  expect(after('opened', 'failed', 'failed', 'failed')).toBe('lost');
  expect(after('opened', 'failed', 'failed', 'opened')).toBe('open');
});

it('has ended after several attempts in a row, or when the browser gives up', () => {
  expect(after('opened', 'failed', 'failed', 'failed', 'failed')).toBe('ended');
  expect(after('failed', 'failed', 'opened', 'failed', 'failed')).toBe('lost');
  expect(after('opened', 'refused')).toBe('ended');
  expect(after('opened', 'refused', 'failed')).toBe('ended');
});

it('opens again after the end: a computer that slept comes back', () => {
  expect(after('opened', 'failed', 'failed', 'failed', 'failed', 'opened')).toBe('open');
});
