import type { Chat, Clock } from '../sandbox/index.ts';

interface Talk {
  readonly chat: Chat;
  /** When each number was said that has no answer yet, by number. */
  readonly open: Map<number, number>;
  said: number;
  /** The highest number that was answered. */
  heard: number;
}

/**
 * People who count, each in a chat of their own, to a bot that says each number back; and what became
 * of the answers.
 */
export class VirtualUsers {
  /** From a number said to its first answer, in milliseconds of the sandbox. */
  readonly latencies: number[] = [];
  said = 0;
  /** Second answers to the same number. */
  repeated = 0;
  /** Answers that came after the one to a later number of the same chat. */
  outOfOrder = 0;
  private readonly clock: Clock;
  private readonly talks: Talk[];

  constructor(clock: Clock, chats: readonly Chat[]) {
    this.clock = clock;
    this.talks = chats.map((chat) => ({ chat, open: new Map(), said: 0, heard: 0 }));
    for (const talk of this.talks) talk.chat.onMessage(({ text }) => this.hear(talk, Number(text)));
  }

  /** Numbers that have their answer. */
  get answered(): number {
    return this.latencies.length;
  }

  /** Somebody says their next number. */
  speak(): void {
    const talk = this.talks[Math.floor(Math.random() * this.talks.length)] as Talk;
    talk.said++;
    this.said++;
    talk.open.set(talk.said, this.clock.now());
    talk.chat.send(String(talk.said));
  }

  private hear(talk: Talk, number: number): void {
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
