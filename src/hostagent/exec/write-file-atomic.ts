import { open, rename } from 'node:fs/promises';

/** The file has its old or its new content, whole, whatever happens in between. */
export async function writeFileAtomic(path: string, text: string, mode = 0o600): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
