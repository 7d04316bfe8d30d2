import type { Network } from '../../api/generated/network.ts';
import { createdOnMembers } from '../created-on-members.ts';
import type { Draft } from '../draft.ts';
import type { Step } from '../step.ts';

export interface ReadyDeps {
  readonly listOnlineMembers: () => readonly string[];
}

export const ready: Step<Draft<Network>, ReadyDeps> = {
  condition: 'Ready',
  run: ({ status }, { listOnlineMembers }) => createdOnMembers(status.members ?? [], listOnlineMembers()),
};
