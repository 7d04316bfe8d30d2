import { randomBytes } from 'node:crypto';

/** Ids that no other member and no other run of this one gives out. */
export interface TransactionIds {
  next(): string;
}

/** A random part for the process and a counter: base64url, a dot, base 36. */
export function createTransactionIds(): TransactionIds {
  const run = randomBytes(9).toString('base64url');
  let count = 0;
  return {
    next() {
      count += 1;
      return `${run}.${count.toString(36)}`;
    },
  };
}
