/** The bot of tests that need any bot. None of the kit's tests uses `functions/bot.ts`, which is the user's. */
export const entry = 'test/bots/echo.ts';

/** The name of the secret with the bot token in tests. */
export const secretName = 'telegram/test/bot-token';
