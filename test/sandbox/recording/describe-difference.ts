import type { Update } from '@grammyjs/types';
import { personOf } from '../telegram/update-content.ts';
import { describeUpdate } from '../terminal/describe-update.ts';
import { indent, line, type SafeText, style, visible } from '../terminal/style.ts';
import type { CallDifference, ParameterDifference, UpdateDifference } from './compare.ts';
import type { RecordingCall, RecordingUpdate } from './recording.ts';

/** How an update differs from its recording, and where that is. */
export interface FoundDifference {
  /** The recording's name and the update's line. */
  readonly at: string;
  readonly record: RecordingUpdate;
  readonly difference: UpdateDifference;
  /** What the bot got in place of what the recording does not have. */
  readonly notes: readonly string[];
}

/** Describes a difference in lines like those of a diff: `-` was recorded, `+` happens now. */
export function describeDifference({ at, record, difference, notes }: FoundDifference): SafeText {
  const { failsNow, failedThen, calls } = difference;
  const { update, bot } = record;
  const lines = [
    ...calls.map(describeCallDifference),
    ...(failsNow === undefined ? [] : [style('red', `fails now: ${failsNow}`)]),
    ...(failedThen === undefined
      ? []
      : [visible(`no longer fails, as it did with: ${failedThen}`)]),
    ...notes.map((note) => style('dim', `note: ${note}`)),
  ];
  const title = visible(`${at} ${describeUpdate(update)}${senderOf(update)} to ${bot}`);
  return lines.reduce((text, next) => line`${text}\n${indent(next)}`, title);
}

/** Returns `12 updates: 11 unchanged, 1 changed`. */
export function describeReplay(updates: number, changed: number): string {
  const noun = updates === 1 ? 'update' : 'updates';
  return `${updates} ${noun}: ${updates - changed} unchanged, ${changed} changed`;
}

function describeCallDifference(difference: CallDifference): SafeText {
  switch (difference.kind) {
    case 'changed':
      return difference.parameters
        .flatMap(describeParameter)
        .reduce((text, next) => line`${text}\n  ${next}`, visible(`changed ${difference.method}`));
    case 'moved': {
      const { call, was, is } = difference;
      return visible(`moved from ${was} to ${is}: ${describeCall(call)}`);
    }
    case 'added':
      return style('green', `added ${describeCall(difference.call)}`);
    case 'missing':
      return style('red', `missing ${describeCall(difference.call)}`);
  }
}

function describeParameter({ path, was, is }: ParameterDifference): SafeText[] {
  return [
    ...(was === undefined ? [] : [style('red', `- ${path}: ${JSON.stringify(was)}`)]),
    ...(is === undefined ? [] : [style('green', `+ ${path}: ${JSON.stringify(is)}`)]),
  ];
}

function describeCall({ method, parameters }: RecordingCall): string {
  return `${method} ${JSON.stringify(parameters)}`;
}

/** Returns ` from Ada`, or nothing for an update that nobody sends. */
function senderOf(update: Update): string {
  const sender = personOf(update);
  return sender ? ` from ${sender.first_name}` : '';
}
