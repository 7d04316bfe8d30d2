import { mastersGroup } from '../../api/names.ts';
import type { User } from '../authn/user.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { OwnershipIndex } from './ownership-index.ts';

export interface UpkeepContext extends ServerDeps {
  readonly term: number;
  readonly signal: AbortSignal;
  readonly index: OwnershipIndex;
}

/** Whom admission and logs see at work. */
export const upkeepUser: User = { name: 'system:apiserver', groups: [mastersGroup] };
