import type { Bot } from '../telegram/bot.ts';
import type { Chat } from '../telegram/chat.ts';
import type { Group } from '../telegram/person/group.ts';
import type { Person } from '../telegram/person/person.ts';
import type { Telegram } from '../telegram/telegram.ts';

/** Whoever speaks, and where: in the private chat with the bot, or in a group. */
export class Places {
  private readonly telegram: Telegram;
  private readonly bot: Bot;
  private readonly groups = new Map<string, Group>();
  private readonly known = new Set<string>();
  private readonly onNew: (chat: Chat, person: Person) => void;
  private group: Group | undefined;
  private speaker: Person;

  /** @param onNew is called before a person does something for the first time in a chat */
  constructor(
    telegram: Telegram,
    bot: Bot,
    speaker: Person,
    onNew: (chat: Chat, person: Person) => void,
  ) {
    this.telegram = telegram;
    this.bot = bot;
    this.speaker = speaker;
    this.onNew = onNew;
    this.open();
  }

  get person(): Person {
    return this.speaker;
  }

  /** The speaker's side of the chat. */
  get chat(): Chat {
    if (this.group) return this.group.join(this.speaker);
    return this.telegram.chat(this.bot.id, this.speaker);
  }

  /** The id of the chat. */
  get id(): number {
    return this.group?.id ?? this.speaker.id;
  }

  /** Lets another person speak, who joins the group if it is one. */
  as(person: Person): void {
    this.speaker = person;
    this.open();
  }

  /** Goes to a group, which the speaker creates, with the bot in it, if there is none of that title. */
  enterGroup(title: string): void {
    const { speaker: owner } = this;
    this.group = this.groups.get(title) ?? this.telegram.group(this.bot.id, { title, owner });
    this.groups.set(title, this.group);
    this.open();
  }

  /** Goes back to the private chat. */
  leaveGroup(): void {
    this.group = undefined;
    this.open();
  }

  private open(): void {
    // In a group, everybody sees the same messages: the first one who speaks shows them.
    const place = String(this.id);
    if (this.known.has(place)) return;
    this.known.add(place);
    this.onNew(this.chat, this.speaker);
  }
}
