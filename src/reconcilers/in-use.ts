import type { KubernetesObject } from '../api/meta.ts';
import { inUseFinalizer } from '../api/names.ts';
import { addFinalizer, isDeleting, removeFinalizer } from './finalizers.ts';
import { settled, type Step } from './step.ts';

export interface InUseDeps {
  /** Who refers to the object, as people name it: `instance default/web1`. */
  readonly listUsers: (object: KubernetesObject) => readonly string[];
  /** Members that still hold a part of the object and are there to tear it down. */
  readonly listHolders: (object: KubernetesObject) => readonly string[];
}

const namesShown = 3;

/** Keeps the object from disappearing while something refers to it or a member still has to clean up. */
export const protection: Step<KubernetesObject, InUseDeps> = {
  run(draft, { listUsers, listHolders }) {
    const { metadata } = draft;
    if (!isDeleting(metadata)) addFinalizer(metadata, inUseFinalizer);
    else if (listUsers(draft).length === 0 && listHolders(draft).length === 0) {
      removeFinalizer(metadata, inUseFinalizer);
    }
    return settled;
  },
};

/** Says who refers to the object; when it is being deleted, also what is left to do. */
export const inUse: Step<KubernetesObject, InUseDeps> = {
  condition: 'InUse',
  isBookkeeping: true,
  run(draft, { listUsers, listHolders }) {
    const users = listUsers(draft);
    const deleting = isDeleting(draft.metadata);
    if (users.length > 0) {
      const message = `${deleting ? 'cannot be deleted while it is ' : ''}used by ${enumerate(users)}`;
      return { kind: 'settled', reason: deleting ? 'DeletionBlocked' : 'Referenced', message };
    }
    const holders = deleting ? listHolders(draft) : [];
    if (holders.length === 0)
      return { kind: 'settled', status: 'False', reason: 'Unused', message: 'nothing refers to it' };
    return { kind: 'settled', reason: 'CleaningUp', message: `being removed from ${enumerate(holders)}` };
  },
};

export function enumerate(names: readonly string[]): string {
  const shown = firstOf(names).join(', ');
  return names.length > namesShown ? `${shown} and ${names.length - namesShown} more` : shown;
}

/** The first in order, without sorting thousands for the sake of three. */
function firstOf(names: readonly string[]): readonly string[] {
  let first: readonly string[] = [];
  for (const name of names) {
    const last = first.at(-1);
    if (first.length < namesShown || last === undefined || name < last) {
      first = [...first, name].toSorted().slice(0, namesShown);
    }
  }
  return first;
}
