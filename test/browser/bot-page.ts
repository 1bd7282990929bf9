import type { Locator, Page } from 'playwright-core';

/** The page of `npm start`, as a person finds what is on it: by roles and names. */
export class BotPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get chat(): Locator {
    return this.page.getByRole('region', { name: 'Chat' });
  }

  get timeline(): Locator {
    return this.page.getByRole('region', { name: 'Timeline' });
  }

  get state(): Locator {
    return this.page.getByRole('region', { name: 'State' });
  }

  /** Types a text and sends it. */
  async say(text: string): Promise<void> {
    await this.chat.getByRole('textbox', { name: 'Message' }).fill(text);
    await this.chat.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /** Messages with this text. */
  messages(text: string | RegExp): Locator {
    return this.chat.getByRole('article').filter({ hasText: text });
  }

  /** Resolves when there is a message with this text. */
  async reads(text: string | RegExp): Promise<Locator> {
    const message = this.messages(text).last();
    await message.waitFor();
    return message;
  }

  /** Updates of the timeline with this text. */
  updates(text: string | RegExp): Locator {
    return this.timeline.getByRole('article').filter({ hasText: text });
  }
}
