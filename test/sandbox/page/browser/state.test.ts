import type { Message } from '@grammyjs/types';
import { describe, expect, it } from 'vitest';
import type { InvocationEntry } from '../../timeline/entries.ts';
import { MAX_ENTRIES, type PageState, type PlaceView } from '../protocol.ts';
import { stateAfter } from './state.ts';

const chat = { id: 7, type: 'private', first_name: 'Ada' } as const;
const person = { id: 7, is_bot: false, first_name: 'Ada' };
const message = (id: number, text: string): Message => ({
  message_id: id,
  date: 0,
  chat,
  from: person,
  text,
});
const place = (id: string, messages: readonly Message[] = []): PlaceView => ({
  id,
  botId: 1,
  person,
  chat,
  messages,
  commands: [],
  reactions: [],
  votes: [],
  isBlocked: false,
});
const entry = (key: string, at = 0): InvocationEntry => ({
  kind: 'invocation',
  key,
  at,
  invocation: { requestId: key, function: 'Registrar', at, memoryMb: 128, log: [], calls: [] },
});
const empty: PageState = { mode: 'local', bots: [], stacks: [], places: [], entries: [] };
const start: PageState = {
  ...empty,
  places: [place('a', [message(1, 'one'), message(2, 'two')]), place('b', [message(1, 'other')])],
  entries: [entry('x'), entry('y')],
};

describe('the state of the page', () => {
  it('is nothing until the first snapshot, and then the snapshot alone', () => {
    expect(stateAfter(undefined, { type: 'entry', entry: entry('x') })).toBeUndefined();
    expect(stateAfter(undefined, { type: 'snapshot', state: start })).toBe(start);
    expect(stateAfter(start, { type: 'snapshot', state: empty })).toBe(empty);
  });

  it('adds a message to its place, and replaces the one with the same id', () => {
    const added = stateAfter(start, {
      type: 'message',
      placeId: 'a',
      message: message(3, 'three'),
    });
    expect(added?.places[0]?.messages.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    const edited = stateAfter(start, { type: 'message', placeId: 'a', message: message(1, 'ONE') });
    expect(edited?.places[0]?.messages.map(({ text }) => text)).toEqual(['ONE', 'two']);
    expect(edited?.places[1]).toBe(start.places[1]);
  });

  it('removes a deleted message from its place alone', () => {
    const state = stateAfter(start, { type: 'message deleted', placeId: 'a', messageId: 1 });
    expect(state?.places.map(({ messages }) => messages.length)).toEqual([1, 1]);
    expect(state?.places[0]?.messages[0]?.text).toBe('two');
  });

  it('keeps the messages of a place that changes, and takes those of a new one', () => {
    const changed = { ...place('a'), chatAction: 'typing' };
    const state = stateAfter(start, { type: 'place', place: changed });
    expect(state?.places[0]).toMatchObject({ chatAction: 'typing' });
    expect(state?.places[0]?.messages).toBe(start.places[0]?.messages);
    const added = stateAfter(start, { type: 'place', place: place('c', [message(1, 'hi')]) });
    expect(added?.places[2]?.messages).toHaveLength(1);
  });

  it('replaces an entry where it is, and leaves the others the same objects', () => {
    const state = stateAfter(start, { type: 'entry', entry: entry('x', 5) });
    expect(state?.entries.map(({ key, at }) => [key, at])).toEqual([
      ['x', 5],
      ['y', 0],
    ]);
    expect(state?.entries[1]).toBe(start.entries[1]);
  });

  it('drops the oldest entries beyond the limit', () => {
    let state: PageState | undefined = start;
    for (let i = 0; i < MAX_ENTRIES; i++) {
      state = stateAfter(state, { type: 'entry', entry: entry(`e${i}`) });
    }
    expect(state?.entries).toHaveLength(MAX_ENTRIES);
    expect(state?.entries[0]?.key).toBe('e0');
  });

  it('shows a problem until there is none', () => {
    const problem = { kind: 'build', title: 'bot.ts', text: 'error' } as const;
    const broken = stateAfter(start, { type: 'problem', problem });
    expect(broken?.problem).toBe(problem);
    expect(broken && stateAfter(broken, { type: 'problem' })?.problem).toBeUndefined();
  });

  it('is not changed by a notice', () => {
    expect(stateAfter(start, { type: 'notice', text: 'reloaded' })).toBe(start);
  });
});
