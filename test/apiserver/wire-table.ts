import { discovery } from './wire/discovery.ts';
import { errors } from './wire/errors.ts';
import { life } from './wire/life.ts';
import { lists } from './wire/lists.ts';
import { negotiation } from './wire/negotiation.ts';
import { paths } from './wire/paths.ts';
import type { WireRow } from './wire/row.ts';

export const wireTable: readonly WireRow[] = [
  ...paths,
  ...negotiation,
  ...errors,
  ...discovery,
  ...life,
  ...lists,
];
