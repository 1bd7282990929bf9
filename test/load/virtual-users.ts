import type { Chat, Clock } from '../sandbox/index.ts';
import { LATE } from './fault-rates.ts';

interface Talk {
  readonly chat: Chat;
  /** When each number that has no answer yet was sent, by number. */
  readonly open: Map<number, number>;
  said: number;
  /** The highest number that was answered. */
  heard: number;
}

/**
 * Users who count, each in a chat of their own, with a bot that echoes every number. Keeps statistics of
 * the answers.
 */
export class VirtualUsers {
  /** The time from each number to its first answer, in milliseconds of sandbox time. */
  readonly latencies: number[] = [];
  said = 0;
  /** Second answers to the same number. */
  repeated = 0;
  /** Answers that arrived after the answer to a later number of the same chat. */
  outOfOrder = 0;
  /** Answers of work that ran out of time, and should have ended with its process. */
  late = 0;
  private readonly clock: Clock;
  private readonly talks: Talk[];

  constructor(clock: Clock, chats: readonly Chat[]) {
    this.clock = clock;
    this.talks = chats.map((chat) => ({ chat, open: new Map(), said: 0, heard: 0 }));
    for (const talk of this.talks) talk.chat.onMessage(({ text = '' }) => this.hear(talk, text));
  }

  /** How many numbers have been answered. */
  get answered(): number {
    return this.latencies.length;
  }

  /** Makes a random user send their next number. */
  speak(): void {
    const talk = this.talks[Math.floor(Math.random() * this.talks.length)] as Talk;
    talk.said++;
    this.said++;
    talk.open.set(talk.said, this.clock.now());
    talk.chat.send(String(talk.said));
  }

  private hear(talk: Talk, text: string): void {
    if (text.startsWith(LATE)) {
      this.late++;
      return;
    }
    const number = Number(text);
    const saidAt = talk.open.get(number);
    if (number < talk.heard) this.outOfOrder++;
    talk.heard = Math.max(talk.heard, number);
    if (saidAt === undefined) {
      this.repeated++;
      return;
    }
    talk.open.delete(number);
    this.latencies.push(this.clock.now() - saidAt);
  }
}
