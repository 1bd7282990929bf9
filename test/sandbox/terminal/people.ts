import { Signal } from '../signal.ts';
import type { Bot } from '../telegram/bot.ts';
import type { Chat } from '../telegram/chat.ts';
import type { Group } from '../telegram/person/group.ts';
import type { Person } from '../telegram/person/person.ts';
import type { Telegram } from '../telegram/telegram.ts';

export const YOU: Person = { id: 1001, firstName: 'You' };

/** A person's side of a chat with a bot. */
export interface Visit {
  readonly bot: Bot;
  readonly chat: Chat;
}

/** The people and groups that a developer makes up: the same ones in the terminal and on the page. */
export class People {
  /** Emits each chat that a person enters for the first time. */
  readonly entered = new Signal<Visit>();
  private readonly telegram: Telegram;
  private readonly byName = new Map([[YOU.firstName, YOU]]);
  /** By id of the bot and title. */
  private readonly groups = new Map<string, Group>();
  private readonly known = new Map<Chat, Visit>();

  constructor(telegram: Telegram) {
    this.telegram = telegram;
  }

  /** The chats that people have entered, in that order. */
  get visits(): readonly Visit[] {
    return [...this.known.values()];
  }

  /** Returns the person with this name: always the same one for the same name. */
  named(firstName: string): Person {
    const person = this.byName.get(firstName) ?? { id: YOU.id + this.byName.size, firstName };
    this.byName.set(firstName, person);
    return person;
  }

  /** Lets a person enter their private chat with a bot. */
  enter(bot: Bot, person: Person): Chat {
    return this.visit(bot, this.telegram.chat(bot.id, person));
  }

  /** Lets a person join the bot's group with this title, or create it with the bot in it. */
  enterGroup(bot: Bot, title: string, person: Person): Chat {
    const key = `${bot.id} ${title}`;
    const group = this.groups.get(key) ?? this.telegram.group(bot.id, { title, owner: person });
    this.groups.set(key, group);
    return this.visit(bot, group.join(person));
  }

  private visit(bot: Bot, chat: Chat): Chat {
    if (this.known.has(chat)) return chat;
    const visit = { bot, chat };
    this.known.set(chat, visit);
    this.entered.emit(visit);
    return chat;
  }
}
