import type { StatusCause } from '../../api/api-error.ts';
import type { JsonObject } from './json-object.ts';
import type { ServedKind } from './served-kind.ts';

export interface Pruned {
  readonly object: JsonObject;
  /** Kubernetes field paths of what was removed: `spec.ports[0].zz`. */
  readonly unknownFields: readonly string[];
}

/**
 * What the API server asks of a kind's schema. A write runs `prune`, `applyDefaults`, then `validate`; a read from
 * the store runs the first two, since the schema may have changed. No function changes its argument; all return the
 * same reference when there is nothing to change.
 */
export interface KindSchema {
  prune(object: JsonObject): Pruned;
  /** Drops nulls that the schema does not allow, then fills in defaults. */
  applyDefaults(object: JsonObject): JsonObject;
  /** Metadata, schema, list types and values not served yet. `stored` is the object being replaced, if any. */
  validate(object: JsonObject, stored?: JsonObject): StatusCause[];
  /** Value of a selectable field as the selector compares it: text, "" when absent. */
  selectableValue(object: JsonObject, field: string): string;
  /** Names that a field selector may use, metadata.name and metadata.namespace included. */
  readonly selectableFields: readonly string[];
  /** What a person who creates the CRD should be told, such as rules that are not evaluated. */
  readonly warnings: readonly string[];
}

export function compileKindSchema(kind: ServedKind): KindSchema {
  throw new Error(`the schema of ${kind.kind} cannot be compiled yet`);
}
