import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Lies in the database directory and goes when that goes. */
const insideName = 'muster.id';
/** Lies beside it and stays, so that the loss is noticed. */
const outsideName = 'database.id';

/**
 * Whether this member once had the database that now is missing. A voter that begins again with an empty log could
 * give its vote a second time; a member that has never had one may begin with none.
 */
export async function isDatabaseLost(dataDir: string, directory: string, id: string): Promise<boolean> {
  const [inside, outside] = await Promise.all([
    readText(join(directory, insideName)),
    readText(join(dataDir, outsideName)),
  ]);
  return outside === id && inside !== id;
}

/** To be written before the database is first started under this id. */
export async function markDatabase(dataDir: string, directory: string, id: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeText(join(directory, insideName), id);
  await writeText(join(dataDir, outsideName), id);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeText(path: string, text: string): Promise<void> {
  if ((await readText(path)) === text) return;
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
