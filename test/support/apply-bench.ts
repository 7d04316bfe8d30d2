import { isDeepStrictEqual } from 'node:util';
import { applyToObject } from '../../src/apiserver/managed-fields/apply-to-object.ts';
import type { FindType } from '../../src/apiserver/managed-fields/field-types.ts';
import type { ManagerIdentity } from '../../src/apiserver/managed-fields/manager.ts';
import { managedFieldsOf } from '../../src/apiserver/managed-fields/managed-fields-of.ts';
import { type Tracking, trackWrite } from '../../src/apiserver/managed-fields/track-write.ts';
import { typeOfObject } from '../../src/apiserver/managed-fields/typed/field-type.ts';
import type { JsonObject } from '../../src/apiserver/schema/json-object.ts';
import { compileKindSchema } from '../../src/apiserver/schema/kind-schema.ts';
import type { OpenApiSchema } from '../../src/apiserver/schema/open-api-schema.ts';
import { buildKind } from './build-kind.ts';

/** One object and its managers, as the verbs would treat them, without a server around. */
export interface ApplyBench {
  /** Everything but metadata that only a server gives. */
  readonly object: JsonObject;
  readonly managedFields: readonly ManagedFieldsEntry[];
  apply(manager: string, content: JsonObject, options?: { readonly force?: boolean }): void;
  update(manager: string, edit: (object: JsonObject) => JsonObject, sent?: unknown): void;
  /** What one manager owns; undefined when it has no entry. */
  fieldsOf(manager: string): JsonObject | undefined;
}

export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time: string;
  readonly subresource?: string;
  readonly fieldsV1: JsonObject;
}

const identity = { apiVersion: 'x.io/v1', kind: 'Foo' };

/** Each write takes place one second after the last. `schema` is that of the whole object. */
export function createApplyBench(schema: OpenApiSchema): ApplyBench {
  const kindSchema = compileKindSchema(buildKind({ schema }));
  const findType: FindType = (apiVersion) =>
    apiVersion === identity.apiVersion ? typeOfObject(schema) : undefined;
  let stored: JsonObject | undefined;
  let second = 0;
  const nextTime = (): string => {
    second += 1;
    return new Date(second * 1000).toISOString().replace('.000', '');
  };
  const nameOf = (name: string, operation: ManagerIdentity['operation']): ManagerIdentity => ({
    ...{ name, operation, apiVersion: identity.apiVersion, subresource: '' },
  });
  const store = (input: JsonObject, tracking: Tracking, time: string): void => {
    const { object: pruned } = kindSchema.prune(input);
    const metadata: JsonObject = { ...(pruned['metadata'] as JsonObject) };
    delete metadata['managedFields'];
    const before = stored === undefined ? undefined : managedFieldsOf(stored);
    if (before !== undefined) metadata['managedFields'] = before;
    const object = kindSchema.applyDefaults({ ...pruned, metadata });
    const isChanged = !isDeepStrictEqual(object, stored);
    stored = trackWrite(tracking, { stored, object, isChanged, time, findType });
  };

  return {
    get object() {
      const { metadata, ...content } = stored ?? {};
      const { managedFields: _managers, ...own } = metadata as JsonObject;
      return { ...content, metadata: own };
    },
    get managedFields() {
      return (stored === undefined ? [] : (managedFieldsOf(stored) ?? [])) as ManagedFieldsEntry[];
    },
    apply(manager, content, { force = false } = {}) {
      const self = nameOf(manager, 'Apply');
      const time = nextTime();
      const configuration = complete(content);
      const live = stored ?? {};
      const applied = applyToObject({
        ...{ live, configuration, self, isForced: force, time, findType },
        applyDefaults: (merged) => kindSchema.applyDefaults(merged),
      });
      store(applied.object, { kind: 'apply', self, managers: applied.managers }, time);
    },
    update(manager, edit, sent) {
      const self = nameOf(manager, 'Update');
      const time = nextTime();
      const edited = complete(edit(structuredClone(stored ?? complete({}))));
      store(edited, { kind: 'update', self, sent, isPatch: true }, time);
    },
    fieldsOf(manager) {
      return this.managedFields.find((entry) => entry.manager === manager)?.fieldsV1;
    },
  };
}

function complete({ metadata, ...content }: JsonObject): JsonObject {
  return { ...identity, ...content, metadata: { ...(metadata as JsonObject | undefined), name: 'a1' } };
}
