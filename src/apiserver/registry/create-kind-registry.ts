import type { Logger } from '../../base/logger.ts';
import { describeError } from '../../base/describe-error.ts';
import type { StoreReader, StoredEntry } from '../../consensus/store/store.ts';
import { builtInKinds } from '../schema/builtin/built-in-kinds.ts';
import { reviewKinds } from '../schema/builtin/reviews.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { encodeJson } from '../schema/encode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { compileKindSchema } from '../schema/kind-schema.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { createTabulator } from '../table/table.ts';
import { compareVersions } from './compare-versions.ts';
import {
  type Definition,
  asDefinition,
  isEstablished,
  kindsOfDefinition,
  storedApiVersion,
} from './definition-kinds.ts';
import { followPrefix } from './follow-prefix.ts';
import type { KindRegistry } from './kind-registry.ts';
import { rulesOf } from './kind-rules.ts';
import { createObjectCodec } from './object-codec.ts';
import type { ResourceKind } from './resource-kind.ts';
import { definitionPrefix, storagePrefix } from './storage-key.ts';

/** Built-in kinds, and those of the CustomResourceDefinitions in the store as they come and go. */
export function createKindRegistry(store: StoreReader, logger: Logger): KindRegistry {
  const builtIns = [...builtInKinds, ...reviewKinds].map((served) =>
    buildResourceKind(served, apiVersionOf(served.storedAs?.kind ?? served)),
  );
  const byDefinition = new Map<string, DefinitionKinds>();
  const listeners = new Set<() => void>();
  let all = index(builtIns);
  let generation = 1;

  const take = (entry: StoredEntry): void => {
    const definition = asDefinition(decodeStoredJson(entry.value) as JsonObject);
    const identity = identityOf(definition);
    // A label that changed on the definition must not end the watches of its kind.
    if (byDefinition.get(entry.key)?.identity === identity) return;
    byDefinition.set(entry.key, { identity, kinds: kindsOf(definition, logger) });
  };
  const publish = (): void => {
    all = index([...builtIns, ...[...byDefinition.values()].flatMap(({ kinds }) => kinds)]);
    generation += 1;
    for (const changed of [...listeners]) changed();
  };
  const close = followPrefix(store, definitionPrefix, {
    reset: (entries) => {
      const keys = new Set(entries.map(({ key }) => key));
      for (const key of byDefinition.keys()) if (!keys.has(key)) byDefinition.delete(key);
      for (const entry of entries) take(entry);
      publish();
    },
    change: (changes) => {
      for (const { key, entry } of changes) {
        if (entry === undefined) byDefinition.delete(key);
        else take(entry);
      }
      publish();
    },
  });

  return {
    find: (group, version, plural) => all.byPath.get(`${group}/${version}/${plural}`),
    list: () => all.sorted,
    get generation() {
      return generation;
    },
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    close,
  };
}

interface DefinitionKinds {
  readonly identity: string;
  readonly kinds: readonly ResourceKind[];
}

/** Two definitions with the same identity are served alike. */
function identityOf(definition: Definition): string {
  const { deletionTimestamp } = definition.metadata;
  return encodeJson([definition.spec, isEstablished(definition), deletionTimestamp ?? '']);
}

interface KindIndex {
  readonly byPath: ReadonlyMap<string, ResourceKind>;
  readonly sorted: readonly ResourceKind[];
}

function index(kinds: readonly ResourceKind[]): KindIndex {
  const pathOf = ({ served }: ResourceKind): string => `${served.group}/${served.version}/${served.plural}`;
  return {
    byPath: new Map(kinds.map((kind) => [pathOf(kind), kind])),
    sorted: kinds.toSorted(
      ({ served: a }, { served: b }) =>
        compareText(a.group, b.group) ||
        compareVersions(a.version, b.version) ||
        compareText(a.plural, b.plural),
    ),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function apiVersionOf({ group, version }: ServedKind): string {
  return group === '' ? version : `${group}/${version}`;
}

function buildResourceKind(served: ServedKind, storedApiVersion: string): ResourceKind {
  const apiVersion = apiVersionOf(served);
  const schema = compileKindSchema(served);
  const form = served.storedAs;
  return {
    served,
    schema,
    apiVersion,
    prefix: storagePrefix((form?.kind ?? served).group, served.plural),
    codec: createObjectCodec(schema, {
      apiVersion,
      storedApiVersion,
      ...(form === undefined ? {} : { form }),
    }),
    tabulator: createTabulator(served),
    rules: rulesOf(served),
  };
}

function kindsOf(definition: Definition, logger: Logger): readonly ResourceKind[] {
  if (!isEstablished(definition)) return [];
  const { name, deletionTimestamp } = definition.metadata;
  const about = { name, isTerminating: deletionTimestamp !== undefined };
  try {
    const stored = storedApiVersion(definition);
    return kindsOfDefinition(definition).map((served) => ({
      ...buildResourceKind(served, stored),
      definition: about,
    }));
  } catch (error) {
    // One definition that this release cannot serve must not take the others with it.
    logger.error({ definition: name, error: describeError(error) }, 'a stored definition cannot be served');
    return [];
  }
}
