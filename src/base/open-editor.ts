import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const usualEditors = 'editor || vi || emacs || nano';

/** Lets the person edit the text in $VISUAL, $EDITOR, or what the host has; answers what was saved. */
export async function openEditor(
  text: string,
  { VISUAL, EDITOR }: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'muster-edit-'));
  const file = path.join(directory, 'edit.yaml');
  try {
    await writeFile(file, text, { mode: 0o600 });
    const chosen = VISUAL ?? EDITOR;
    // The variables may hold arguments ("code --wait"), so that a shell has to take them apart.
    const script =
      chosen === undefined
        ? `for e in ${usualEditors.split(' || ').join(' ')}; do command -v $e >/dev/null && exec $e "$1"; done; exit 127`
        : `${chosen} "$1"`;
    const child = spawn('sh', ['-c', script, 'sh', file], { stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code === 127) throw new Error('no editor was found: set EDITOR to the one that you use');
    if (code !== 0) throw new Error(`the editor ended with exit code ${String(code)}; nothing was changed`);
    return await readFile(file, 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
