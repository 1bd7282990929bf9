import type { Locator, Page } from 'playwright-core';

export interface AttachedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** The page of `npm start`, as a person finds what is on it: by roles and names. */
export class BotPage {
  readonly page: Page;
  /** The messages of the chat that is open. */
  readonly log: Locator;
  readonly messageBox: Locator;
  /** The bot's keyboard in place of the person's own. */
  readonly keyboard: Locator;
  readonly timeline: Locator;
  readonly state: Locator;
  readonly dialog: Locator;
  /** News for a moment. */
  readonly notices: Locator;

  constructor(page: Page) {
    this.page = page;
    this.log = page.getByRole('log', { name: 'Messages' });
    this.messageBox = page.getByRole('textbox', { name: 'Message', exact: true });
    this.keyboard = page.getByRole('group', { name: 'Keyboard of the bot' });
    this.timeline = page.getByRole('region', { name: 'Timeline' });
    this.state = page.getByRole('region', { name: 'State', exact: true });
    this.dialog = page.getByRole('dialog');
    this.notices = page.getByRole('status');
  }

  /** Shows a pane, where not all have room at once. */
  async show(pane: 'Chat' | 'Timeline' | 'State'): Promise<void> {
    // Before the first event there is no button yet, and none is needed for a pane that is always shown.
    await this.page.getByRole('main').waitFor();
    const button = this.page.getByRole('button', { name: pane, exact: true });
    if (await button.isVisible()) await button.click();
  }

  /** Types a text and sends it. */
  async say(text: string): Promise<void> {
    await this.messageBox.fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /** Messages with a text, which may be a part of theirs. */
  messages(text: string | RegExp): Locator {
    return this.log.getByRole('listitem').filter({ hasText: text });
  }

  /** Resolves when there is a message with this text. @returns the latest one */
  async reads(text: string | RegExp): Promise<Locator> {
    const message = this.messages(text).last();
    await message.waitFor();
    return message;
  }

  /** Resolves when a notice with this text is shown. */
  async notice(text: string | RegExp): Promise<void> {
    await this.notices.getByText(text).last().waitFor();
  }

  async dismissNotices(): Promise<void> {
    const dismiss = this.page.getByRole('button', { name: 'Dismiss' });
    while ((await dismiss.count()) > 0) await dismiss.first().click();
  }

  async attach(file: AttachedFile, kind?: 'photo' | 'document'): Promise<void> {
    await this.page.getByLabel('File to send').setInputFiles(file);
    if (kind) await this.dialog.getByLabel('Send as').selectOption(kind);
    await this.dialog.getByRole('button', { name: 'Send' }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** Gives the latest message with a text another one. */
  async edit(message: RegExp, text: string): Promise<void> {
    await this.messages(message).last().getByRole('button', { name: 'Message actions' }).click();
    await this.page.getByRole('button', { name: 'Edit', exact: true }).click();
    await this.messageBox.fill(text);
    await this.page.getByRole('button', { name: 'Save' }).click();
  }

  /** Goes to the chat of a person, or of a group and a person: `Tea (as Ada)`. */
  async goTo(place: string): Promise<void> {
    await this.page
      .getByRole('combobox', { name: 'Chat', exact: true })
      .selectOption({ label: place });
  }

  /** Lets a person with this name chat. */
  async openPerson(firstName: string): Promise<void> {
    await this.page.getByRole('button', { name: 'People and groups' }).click();
    await this.page.getByRole('button', { name: 'Chat as another person' }).click();
    await this.dialog.getByLabel('First name').fill(firstName);
    await this.confirm('Open');
    await this.isAt(firstName);
  }

  /** Opens a group, which is created the first time. */
  async openGroup(title: string, firstName: string): Promise<void> {
    await this.page.getByRole('button', { name: 'People and groups' }).click();
    await this.page.getByRole('button', { name: 'Open a group' }).click();
    await this.dialog.getByLabel('Title of the group').fill(title);
    await this.dialog.getByLabel('Person in it').fill(firstName);
    await this.confirm('Open');
    await this.isAt(`${title} (as ${firstName})`);
  }

  /** Resolves when the chat with this name is open. */
  async isAt(place: string): Promise<void> {
    const chosen = this.page.locator('option:checked').getByText(place, { exact: true });
    await chosen.waitFor({ state: 'attached' });
  }

  async confirm(button: string): Promise<void> {
    await this.dialog.getByRole('button', { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  /** Updates of the timeline with exactly this text and, if it is given, this status. */
  updates(text: string, status = ''): Locator {
    const name = new RegExp(`^Update .*${status}$`);
    const has = this.page.getByText(text, { exact: true });
    return this.timeline.getByRole('article', { name }).filter({ has });
  }

  /** Resolves when the latest update with exactly this text has this status. */
  async update(text: string, status: string): Promise<Locator> {
    await this.updates(text).last().and(this.updates(text, status)).waitFor();
    return this.updates(text).last();
  }

  /** Opens or closes the details of an update's first call of a method. */
  async toggleCall(update: Locator, method: string): Promise<void> {
    await update.locator('summary').filter({ hasText: method }).first().click();
  }

  /** Lets the next call of a method fail, by the buttons at an earlier call of it. */
  async answerNext(update: Locator, method: string, code: number): Promise<void> {
    await this.toggleCall(update, method);
    const buttons = update.getByRole('group', { name: `Answer the next ${method} with` });
    await buttons.getByRole('button', { name: String(code) }).click();
    await this.notice(`The next ${method} gets ${code}.`);
    await this.toggleCall(update, method);
  }

  clipboard(): Promise<string> {
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }
}
