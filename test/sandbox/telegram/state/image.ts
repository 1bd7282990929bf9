export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Returns the size in the header of a PNG, GIF, WebP or JPEG; undefined for anything else. */
export function imageSize(content: Buffer): ImageSize | undefined {
  if (content.length < 24) return undefined;
  if (content.toString('latin1', 1, 4) === 'PNG') {
    return { width: content.readUInt32BE(16), height: content.readUInt32BE(20) };
  }
  if (content.toString('latin1', 0, 3) === 'GIF') {
    return { width: content.readUInt16LE(6), height: content.readUInt16LE(8) };
  }
  if (content.toString('latin1', 8, 12) === 'WEBP') return webpSize(content);
  if (content.readUInt16BE(0) === 0xffd8) return jpegSize(content);
  return undefined;
}

function webpSize(content: Buffer): ImageSize | undefined {
  const kind = content.toString('latin1', 12, 16);
  if (content.length < 30) return undefined;
  if (kind === 'VP8X') {
    return { width: content.readUIntLE(24, 3) + 1, height: content.readUIntLE(27, 3) + 1 };
  }
  if (kind === 'VP8L') {
    const bits = content.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return { width: content.readUInt16LE(26) & 0x3fff, height: content.readUInt16LE(28) & 0x3fff };
}

/** Walks over the segments of a JPEG to the one that starts its frame. */
function jpegSize(content: Buffer): ImageSize | undefined {
  for (let at = 2; at + 9 < content.length; ) {
    if (content[at] !== 0xff) return undefined;
    const marker = content[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return { width: content.readUInt16BE(at + 7), height: content.readUInt16BE(at + 5) };
    }
    at += 2 + content.readUInt16BE(at + 2);
  }
  return undefined;
}

/** A grey picture of one pixel, in place of a file that only the internet has. */
export const PLACEHOLDER_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
);
