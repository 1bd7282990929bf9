/** A token of Telegram's shape (`<bot id>:<35 characters>`) that nobody could take for a real one. */
export function fakeToken(botId = 7000000001, letter = 'x'): string {
  return `${botId}:${'FAKE-TOKEN-'.padEnd(35, letter)}`;
}
