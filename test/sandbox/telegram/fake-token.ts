/** Returns a token in Telegram's format (`<bot id>:<35 characters>`) that cannot pass for a real one. */
export function fakeToken(botId = 7000000001, letter = 'x'): string {
  return `${botId}:${'FAKE-TOKEN-'.padEnd(35, letter)}`;
}
