import { readFile, rm } from 'node:fs/promises';
import { isMissing } from '../config.ts';
import type { DataDir } from '../data-dir.ts';
import { writeFileAtomically } from '../write-file.ts';
import { parseExchange, type OpenExchange } from './exchange-record.ts';

/**
 * While an authority is exchanged, one file says which keys count on this member, and not `cluster.crt` and
 * `cluster.key`: two files cannot change at once, and a member has to start after a power cut between them.
 */
export async function readExchangeFile({ exchange }: DataDir): Promise<OpenExchange | undefined> {
  let text: string;
  try {
    text = await readFile(exchange, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  return parseExchange(text, exchange) as OpenExchange; // written by this member
}

export async function writeExchangeFile({ exchange: file }: DataDir, exchange: OpenExchange): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(exchange)}\n`, 0o600);
}

export async function removeExchangeFile({ exchange }: DataDir): Promise<void> {
  await rm(exchange, { force: true });
}
