/**
 * dqlite's wire format: little-endian, everything in words of eight bytes. A message is a header word
 * (u32 body length in words, u8 type, u8 schema, u16 unused) and a body.
 * Source: the wire protocol page of dqlite's documentation.
 */
export const wordBytes = 8;
export const protocolVersion = 1n;

/** dqlite 1.11 knows only schema 0, whose count of parameters is one byte; schema 1 (four bytes) came with 1.13. */
export const maxParameters = 255;

export const requestType = {
  leader: 0,
  client: 1,
  open: 3,
  execSql: 8,
  querySql: 9,
  add: 12,
  assign: 13,
  remove: 14,
  dump: 15,
  cluster: 16,
  transfer: 17,
} as const;

export const responseType = {
  failure: 0,
  node: 1,
  welcome: 2,
  nodes: 3,
  db: 4,
  result: 6,
  rows: 7,
  empty: 8,
  files: 9,
} as const;

export interface Message {
  readonly type: number;
  readonly body: Buffer;
}

export function alignToWord(bytes: number): number {
  return Math.ceil(bytes / wordBytes) * wordBytes;
}
