import type { ImageCompression } from '../storage/driver.ts';

const magics: readonly (readonly [ImageCompression, string])[] = [
  ['xz', 'fd377a585a00'],
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['bzip2', '425a68'],
];

/** How much of a file `detectCompression` has to see. */
export const magicBytes = 6;

/** By the first bytes, as tar itself does where it may seek; names of files say nothing. */
export function detectCompression(start: Buffer): ImageCompression {
  const hex = start.toString('hex');
  return magics.find(([, magic]) => hex.startsWith(magic))?.[0] ?? 'none';
}
