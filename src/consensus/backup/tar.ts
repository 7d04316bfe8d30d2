export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
}

const blockBytes = 512;
const maxSizeBytes = 8 ** 11; // eleven octal digits

/** The head of a plain file in a tar archive, as POSIX (ustar) has it; its content follows, filled up to whole blocks. */
export function formatTarHeader({ name, sizeBytes }: TarEntry, nowMs: number): Buffer {
  if (sizeBytes >= maxSizeBytes) throw new RangeError(`${name} is too big for a tar archive`);
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 100, 'utf8');
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(Math.floor(nowMs / 1_000), 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\0' + '00', 257);
  header.write(`${octal(sumOf(header), 6)} `, 148);
  return header;
}

/** The zero bytes behind a content of this size. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((blockBytes - (sizeBytes % blockBytes)) % blockBytes);
}

/** Two empty blocks: without them the archive was cut off. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

export function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes) * blockBytes;
}

/** The files of an archive; throws a sentence when it is none, or not whole. */
export function parseTar(archive: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  let offset = 0;
  for (;;) {
    const header = archive.subarray(offset, offset + blockBytes);
    if (header.length < blockBytes) throw new Error(`it ends after ${archive.length} bytes, in the middle`);
    if (header.every((byte) => byte === 0)) return files;
    const sum = header.toString('latin1', 148, 154);
    const blank = Buffer.from(header);
    blank.write(' '.repeat(8), 148);
    if (Number.parseInt(sum, 8) !== sumOf(blank))
      throw new Error('it is not a tar archive, or it is damaged');
    const name = header.toString('utf8', 0, 100).replace(/\0.*$/s, '');
    const sizeBytes = Number.parseInt(header.toString('latin1', 124, 135), 8);
    offset += blockBytes;
    if (offset + sizeBytes > archive.length) {
      throw new Error(`it ends after ${archive.length} bytes, in the middle of ${name}`);
    }
    files.set(name, archive.subarray(offset, offset + sizeBytes));
    offset += paddedBytes(sizeBytes);
  }
}

function sumOf(header: Buffer): number {
  let sum = 0;
  for (const byte of header) sum += byte;
  return sum;
}
