/**
 * Returns a token in Telegram's format (`<bot id>:<35 characters>`) that cannot pass for a real one.
 *
 * @param filling is repeated, or cut, to fill it up
 */
export function fakeToken(botId = 7000000001, filling = 'x'): string {
  return `${botId}:${'FAKE-TOKEN-'.padEnd(35, filling)}`;
}
