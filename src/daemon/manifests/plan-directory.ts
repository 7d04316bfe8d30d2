import type { KubernetesObject } from '../../api/meta.ts';
import type { Inventory } from './inventory.ts';
import { compareByDependency, describeRef, formatRef, refOf, type ObjectRef } from './object-ref.ts';
import { parseManifest } from './parse-manifest.ts';
import type { ManifestText, UnreadableFile } from './read-directory.ts';

export interface DesiredObject {
  readonly file: string;
  readonly line: number;
  readonly object: KubernetesObject;
}

export interface FileProblem {
  readonly file: string;
  readonly line?: number;
  readonly problem: string;
}

export interface DirectoryPlan {
  /** In the order in which they are to be applied. */
  readonly apply: readonly DesiredObject[];
  /** In the order in which they are to be deleted. */
  readonly prune: readonly ObjectRef[];
  readonly problems: readonly FileProblem[];
  /** What the directory stands for from now on. */
  readonly inventory: Inventory;
}

/** Completes what a file leaves to the kind: the default namespace, or none. */
export type CompleteObject = (object: KubernetesObject) => KubernetesObject;

/**
 * Compares the files with what they were last time. What a broken file held before stays as it is: its objects are
 * neither changed nor pruned until the file can be read again.
 */
export function planDirectory(
  files: readonly (ManifestText | UnreadableFile)[],
  before: Inventory,
  complete: CompleteObject,
): DirectoryPlan {
  const apply: DesiredObject[] = [];
  const problems: FileProblem[] = [];
  const inventory = new Map<string, readonly ObjectRef[]>();
  const owners = new Map<string, string>();

  for (const file of files) {
    const { objects, problem } = readObjects(file);
    if (problem !== undefined) {
      problems.push(problem);
      const kept = before.get(file.file) ?? [];
      inventory.set(file.file, kept);
      for (const ref of kept) owners.set(formatRef(ref), file.file);
      continue;
    }
    const refs: ObjectRef[] = [];
    for (const { object: written, line } of objects) {
      const object = complete(written);
      const ref = refOf(object);
      const owner = owners.get(formatRef(ref));
      if (owner !== undefined) {
        const text = `${describeRef(ref)} is already in ${owner}; this one is left out`;
        problems.push({ file: file.file, line, problem: text });
        continue;
      }
      owners.set(formatRef(ref), file.file);
      refs.push(ref);
      apply.push({ file: file.file, line, object });
    }
    if (refs.length > 0) inventory.set(file.file, refs);
  }

  const vanished = [...before.values()].flat().filter((ref) => !owners.has(formatRef(ref)));
  return {
    apply: apply.toSorted((left, right) => compareByDependency(refOf(left.object), refOf(right.object))),
    prune: vanished.toSorted((left, right) => compareByDependency(right, left)),
    problems,
    inventory,
  };
}

function readObjects(file: ManifestText | UnreadableFile) {
  if ('problem' in file) return { objects: [], problem: file };
  const parsed = parseManifest(file.text);
  if (parsed.problem === undefined) return { objects: parsed.objects, problem: undefined };
  const { problem, line } = parsed;
  return { objects: [], problem: { file: file.file, line, problem } };
}
