import { randomBytes } from 'node:crypto';

/** 63 random bits: never used twice, also after the cluster was restored from a copy. 0 and 1 have a meaning. */
export function createNodeId(): string {
  const id = randomBytes(8).readBigUInt64BE() >> 1n;
  return id > 1n ? id.toString() : createNodeId();
}
