import type { ServedKind } from '../served-kind.ts';
import { configMapKind } from './config-map.ts';
import { customResourceDefinitionKind } from './custom-resource-definition.ts';
import { eventKind } from './event.ts';
import { newEventKind } from './event-v1.ts';
import { leaseKind } from './lease.ts';
import { namespaceKind } from './namespace.ts';
import { rbacKinds } from './rbac.ts';
import { secretKind } from './secret.ts';
import { serviceAccountKind } from './service-account.ts';

/** The stored kinds that are there without a definition, because clients and the API itself rely on them. */
export const builtInKinds: readonly ServedKind[] = [
  configMapKind,
  customResourceDefinitionKind,
  eventKind,
  leaseKind,
  newEventKind,
  namespaceKind,
  secretKind,
  serviceAccountKind,
  ...rbacKinds,
];
