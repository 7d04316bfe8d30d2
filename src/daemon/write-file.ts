import { open, rename, rm } from 'node:fs/promises';

/** Readers see the old file or the new one, whole, also after a power cut. */
export async function writeFileAtomically(file: string, content: string, mode: number): Promise<void> {
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}
