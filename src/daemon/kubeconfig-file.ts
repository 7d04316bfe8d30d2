import { readFile } from 'node:fs/promises';
import { dump, load } from 'js-yaml';
import { isMissing } from './config.ts';
import { writeFileAtomically } from './write-file.ts';

/** The administrator's kubeconfig of this host. Several parts keep some of it up to date: one change at a time. */
export interface KubeconfigEditor {
  readonly path: string;
  /**
   * Reads the file, and writes what `change` makes of it; undefined leaves it as it is. Answers whether it was
   * changed. A file that is not there stays away: somebody wants it to be elsewhere, and only there.
   */
  edit<T extends object>(change: (file: T) => Promise<T | undefined> | T | undefined): Promise<boolean>;
}

export function createKubeconfigEditor(path: string): KubeconfigEditor {
  const last: { done: Promise<unknown> } = { done: Promise.resolve() };

  async function editNow<T extends object>(
    change: (file: T) => Promise<T | undefined> | T | undefined,
  ): Promise<boolean> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    const changed = await change(load(text) as T); // written by us
    if (changed === undefined) return false;
    await writeFileAtomically(path, dump(changed, { noRefs: true, lineWidth: -1 }), 0o600);
    return true;
  }

  return {
    path,
    edit(change) {
      const done = last.done.then(() => editNow(change));
      // Whoever asked for it hears of its failure; the next one need not.
      last.done = done.catch(() => undefined);
      return done;
    },
  };
}
