import { beforeEach, expect, it } from 'vitest';
import { groupOfArn, Logs } from './logs.ts';

let logs: Logs;

beforeEach(() => {
  logs = new Logs();
});

it('keeps lines in order, including those of a deleted group', () => {
  const { arn } = logs.createGroup('one', { retentionInDays: 30 });
  logs.createGroup('two', {});
  logs.write('one', 'a');
  logs.write('two', 'b');
  logs.write('one', 'c');
  logs.deleteGroup('one');

  expect(groupOfArn(arn)).toBe('one');
  expect(logs.has('one')).toBe(false);
  expect(logs.lines('one')).toEqual(['a', 'c']);
  expect(logs.lines()).toEqual(['a', 'b', 'c']);
});

it('refuses to write to or delete a group that does not exist', () => {
  expect(() => logs.write('one', 'a')).toThrow('does not exist');
  expect(() => logs.deleteGroup('one')).toThrow('does not exist');
});

it('refuses a second group with the same name, and a retention that AWS does not offer', () => {
  logs.createGroup('one', {});
  expect(() => logs.createGroup('one', {})).toThrow('already exists');
  expect(() => logs.createGroup('two', { retentionInDays: 31 })).toThrow('got 31');
});
