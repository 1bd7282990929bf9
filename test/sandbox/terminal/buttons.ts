import type { Message, ReplyKeyboardMarkup } from '@grammyjs/types';
import { type Choice, inlineChoices, keyboardChoices } from './choices.ts';
import type { Conversation } from './conversation.ts';
import { indent, line, type SafeText, style, visible } from './style.ts';

/** The buttons in a chat, numbered: those of the latest message that has any, then those of the reply keyboard. */
export class Buttons {
  private readonly conversation: Conversation;
  private readonly print: (line: SafeText) => void;
  private inline: Choice[] = [];
  private keyboard: Choice[] = [];
  private hidesAfterUse = false;

  constructor(conversation: Conversation, print: (line: SafeText) => void) {
    this.conversation = conversation;
    this.print = print;
  }

  showInline({ reply_markup }: Message): void {
    const choices = inlineChoices(reply_markup);
    if (choices.length === 0) return;
    this.inline = choices;
    this.list(choices);
  }

  /** Shows the keyboard that the bot has given the chat, and forgets it if the bot has removed it. */
  showKeyboard(markup: ReplyKeyboardMarkup | undefined): void {
    this.inline = [];
    this.keyboard = keyboardChoices(markup);
    this.hidesAfterUse = markup?.one_time_keyboard === true;
    if (this.keyboard.length > 0) this.print(style('dim', '  keyboard:'));
    this.list(this.keyboard);
  }

  /** Prints all buttons. */
  show(): void {
    const choices = [...this.inline, ...this.keyboard];
    if (choices.length === 0) this.print(line`There are no buttons.`);
    this.list(choices);
  }

  /** Presses the button with this number. Resolves when the bot has handled that. */
  async press(number: number): Promise<void> {
    const choice = [...this.inline, ...this.keyboard][number - 1];
    if (!choice) return this.print(line`There is no button ${number}.`);
    const { conversation } = this;
    const { text } = choice;
    if (this.keyboard.includes(choice) && this.hidesAfterUse) this.keyboard = [];
    switch (choice.sends) {
      case 'payment':
        return conversation.act('pre_checkout_query', (chat) => void chat.pay());
      case 'query':
        return conversation.act('callback_query', (chat) => {
          void conversation.showToast(chat.press(text));
        });
      case 'text':
        return conversation.say(text);
      case 'contact':
        return conversation.act('message', (chat) => chat.sendContact());
      case 'location':
        return conversation.act('message', (chat) => chat.sendLocation());
      default:
        this.print(visible(`“${text}” does not ask the bot: Telegram ${choice.effect}.`));
    }
  }

  private list(choices: readonly Choice[]): void {
    for (const [index, { text, effect }] of choices.entries()) {
      const button = line`${style('cyan', `:${index + 1}`)} [ ${visible(text)} ]`;
      this.print(indent(effect ? line`${button} ${style('dim', effect)}` : button));
    }
  }
}
