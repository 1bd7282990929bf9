import type { Bot } from '../telegram/bot.ts';
import type { Chat } from '../telegram/chat.ts';
import type { Person } from '../telegram/person/person.ts';
import type { People } from './people.ts';

/** Whoever speaks, and where: in the private chat with the bot, or in a group. */
export class Places {
  private readonly people: People;
  private readonly bot: Bot;
  private readonly known = new Set<number>();
  private readonly onNew: (chat: Chat, person: Person) => void;
  /** The title of the group. */
  private group: string | undefined;
  private speaker: Person;
  private current: Chat;

  /** @param onNew is called before a person does something for the first time in a chat */
  constructor(
    people: People,
    bot: Bot,
    speaker: Person,
    onNew: (chat: Chat, person: Person) => void,
  ) {
    this.people = people;
    this.bot = bot;
    this.speaker = speaker;
    this.onNew = onNew;
    this.current = this.open();
  }

  get person(): Person {
    return this.speaker;
  }

  /** The speaker's side of the chat. A person who was removed from a group joins it again. */
  get chat(): Chat {
    const { people, bot, group, speaker } = this;
    if (group === undefined) return people.enter(bot, speaker);
    return people.enterGroup(bot, group, speaker);
  }

  /** The id of the chat. */
  get id(): number {
    return this.current.chat.id;
  }

  /** Lets another person speak, who joins the group if it is one. */
  as(person: Person): void {
    this.speaker = person;
    this.current = this.open();
  }

  /** Goes to a group, which the speaker creates, with the bot in it, if there is none of that title. */
  enterGroup(title: string): void {
    this.group = title;
    this.current = this.open();
  }

  /** Goes back to the private chat. */
  leaveGroup(): void {
    this.group = undefined;
    this.current = this.open();
  }

  private open(): Chat {
    const { chat } = this;
    // In a group, everybody sees the same messages: the first one who speaks shows them.
    if (!this.known.has(chat.chat.id)) {
      this.known.add(chat.chat.id);
      this.onNew(chat, this.speaker);
    }
    return chat;
  }
}
