import type { MessageEntity } from '@grammyjs/types';

type DateFormat = MessageEntity.DateTimeMessageEntity['date_time_format'];

/** Returns a format of dates as Telegram writes it; undefined when it is none (tdlib, FormattedDate.cpp). */
export function readDateFormat(format: string): DateFormat | undefined {
  if (format === 'r' || format === 'R') return 'r';
  if (!/^[tTdDwW]*$/.test(format)) return undefined;
  const has = (letter: string) => format.includes(letter);
  const day = /w/i.test(format) ? 'w' : '';
  const date = has('d') ? 'd' : has('D') ? 'D' : '';
  const time = has('t') ? 't' : has('T') ? 'T' : '';
  return `${day}${date}${time}`;
}

export function dateTime(
  unixTime: number,
  format: DateFormat,
  offset: number,
  length: number,
): MessageEntity {
  return { type: 'date_time', offset, length, unix_time: unixTime, date_time_format: format };
}
