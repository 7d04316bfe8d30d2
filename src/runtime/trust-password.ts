import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../api/builtin.ts';
import { systemNamespace } from '../api/names.ts';

/** Where the cluster keeps what it needs to recognise the trust password. */
export const trustPasswordPlace = { namespace: systemNamespace, name: 'trust-password' } as const;

const secretType = 'muster.dev/trust-password';
const saltBytes = 32;
const hashBytes = 64;
const shortestPassword = 8;
const longestPassword = 1_024;

/** Why this cannot be the password; never repeats it. */
export function findPasswordProblem(password: string): string | undefined {
  if (password.length < shortestPassword) {
    return `the trust password has to have ${shortestPassword} characters or more: it lets hosts into the cluster`;
  }
  return password.length > longestPassword
    ? `the trust password may have ${longestPassword} characters at most`
    : undefined;
}

/** As LXD kept it: scrypt (N=16384, r=8, p=1) over the password, with the salt before it. */
export async function buildTrustPasswordSecret(password: string): Promise<Secret> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt);
  const text = Buffer.concat([salt, hash]).toString('hex');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...trustPasswordPlace },
    type: secretType,
    data: { scrypt: Buffer.from(text).toString('base64') },
  };
}

/** Takes the same time for a wrong password and for none that is set. */
export async function isTrustPassword(secret: Secret | undefined, password: string): Promise<boolean> {
  const stored = readHash(secret);
  const salt = stored?.subarray(0, saltBytes) ?? Buffer.alloc(saltBytes);
  const hash = await derive(password.slice(0, longestPassword), salt);
  const expected = stored?.subarray(saltBytes) ?? randomBytes(hashBytes);
  return stored !== undefined && timingSafeEqual(hash, expected);
}

function readHash(secret: Secret | undefined): Buffer | undefined {
  if (secret?.type !== secretType) return undefined;
  const text = Buffer.from(secret.data?.['scrypt'] ?? '', 'base64').toString();
  const bytes = Buffer.from(text, 'hex');
  return bytes.length === saltBytes + hashBytes ? bytes : undefined;
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, { N: 16_384, r: 8, p: 1 }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
