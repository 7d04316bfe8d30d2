import type { StoragePool } from '../../api/generated/storage-pool.ts';
import { createdOnMembers } from '../created-on-members.ts';
import type { Draft } from '../draft.ts';
import type { Step } from '../step.ts';

export interface ReadyDeps {
  readonly listOnlineMembers: () => readonly string[];
}

export const ready: Step<Draft<StoragePool>, ReadyDeps> = {
  condition: 'Ready',
  run: ({ status }, { listOnlineMembers }) => createdOnMembers(status.members ?? [], listOnlineMembers()),
};
