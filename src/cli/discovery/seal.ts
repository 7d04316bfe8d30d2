import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';

export type Direction = 'to-initiator' | 'to-joiner';

/** Closes messages for those who know the passphrase of a session: whoever can open or make one knows it too. */
export interface Seal {
  close(direction: Direction, message: object): string;
  /** Undefined when it was not closed with the same passphrase, or for the other direction. */
  open(direction: Direction, sealed: string): Readonly<Record<string, unknown>> | undefined;
}

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
// 32 MiB and a twentieth of a second for each guess.
const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** The session's id is the salt, so that work on one session is of no use for another. */
export async function createSeal(passphrase: string, sessionId: string): Promise<Seal> {
  const secret = await derive(passphrase, `muster discovery 1 ${sessionId}`);
  const keyFor = (direction: Direction): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', direction, keyBytes));
  return {
    close(direction, message) {
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, keyFor(direction), nonce);
      const text = Buffer.concat([sealing.update(JSON.stringify(message)), sealing.final()]);
      return Buffer.concat([nonce, sealing.getAuthTag(), text]).toString('base64');
    },
    open(direction, sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < nonceBytes + tagBytes) return undefined;
      const opening = createDecipheriv(cipher, keyFor(direction), bytes.subarray(0, nonceBytes));
      opening.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        const text = Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]);
        return JSON.parse(text.toString()) as Readonly<Record<string, unknown>>; // closed by us
      } catch {
        return undefined; // Another passphrase, or somebody has changed it on its way.
      }
    },
  };
}

function derive(passphrase: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, keyBytes, cost, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
