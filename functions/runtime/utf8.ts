/** Whether a text has more than `bytes` bytes in UTF-8. Most texts are so short that nothing needs to be counted. */
export function isLongerThan(bytes: number, text: string): boolean {
  // A UTF-16 code unit is 1 to 3 bytes.
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
