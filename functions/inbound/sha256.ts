/** The round constants: the first 32 fractional bits of the cube roots of the first 64 primes. */
const K = new Int32Array(64);
/** The initial state: the same bits of the square roots of the first 8. */
const INITIAL = new Int32Array(8);
for (let n = 2, found = 0; found < 64; n++) {
  if (!isPrime(n)) continue;
  if (found < 8) INITIAL[found] = fractionalBits(Math.sqrt(n));
  K[found++] = fractionalBits(Math.cbrt(n));
}

/**
 * Returns the SHA-256 of a text in UTF-8, in lower-case hexadecimal. It is meant for a short text in a cold start, where
 * loading node:crypto takes about 10 ms and a package about 1 ms: see `npm run bench`. There V8 interprets it, so it
 * creates no objects in its loops.
 *
 * @see https://csrc.nist.gov/pubs/fips/180-4/upd1/final
 */
export function sha256Hex(text: string): string {
  const bytes = Buffer.from(text);
  // A one bit, zeros, and the length in bits fill the last block of 64 bytes.
  const message = new Uint8Array((bytes.length + 72) & ~63);
  message.set(bytes);
  message[bytes.length] = 0x80;
  const view = new DataView(message.buffer);
  view.setUint32(message.length - 4, bytes.length * 8);

  const state = Int32Array.from(INITIAL);
  const w = new Int32Array(64);
  for (let block = 0; block < message.length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(block + 4 * i);
    expand(w);
    compress(state, w);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (let i = 0; i < 8; i++) digest.setInt32(4 * i, state[i] as number);
  return Buffer.from(digest.buffer).toString('hex');
}

function expand(w: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15] as number;
    const b = w[i - 2] as number;
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    w[i] = (w[i - 16] as number) + s0 + (w[i - 7] as number) + s1;
  }
}

function compress(state: Int32Array, w: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + (K[i] as number) + (w[i] as number);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  const sums = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i++) state[i] = (state[i] as number) + (sums[i] as number);
}

function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return true;
}

function fractionalBits(n: number): number {
  return (n % 1) * 2 ** 32;
}
