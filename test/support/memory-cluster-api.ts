import { isDeepStrictEqual } from 'node:util';
import { apiError } from '../../src/api/api-error.ts';
import type { KubernetesObject } from '../../src/api/meta.ts';
import { formatKey, keyOf, type ObjectName, type Resource } from '../../src/api/resource.ts';
import type {
  ApplyOptions,
  ClusterApi,
  DeleteOptions,
  ListOptions,
  ObjectList,
  PatchOptions,
  WatchEvent,
  WatchOptions,
} from '../../src/runtime/cluster-api.ts';

interface Change {
  readonly revision: number;
  readonly kind: string;
  readonly before?: KubernetesObject;
  readonly after?: KubernetesObject;
}

/**
 * The rules of the API that clients rely on, in memory: resource versions, conflicts, finalizers, merge
 * patches, watches with field selectors. No schemas and no rights.
 */
export class MemoryClusterApi implements ClusterApi {
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #log: Change[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #onWrite: (objects: readonly KubernetesObject[]) => void;
  #revision = 1;
  /** While it is set, every call fails as an API without quorum does. */
  isOffline = false;

  constructor(
    objects: readonly KubernetesObject[] = [],
    onWrite: (objects: readonly KubernetesObject[]) => void = () => undefined,
  ) {
    for (const object of objects) {
      this.#objects.set(`${object.kind} ${keyOf(object)}`, object);
      this.#revision = Math.max(this.#revision, Number(object.metadata.resourceVersion ?? 0));
    }
    this.#onWrite = onWrite;
  }

  async get<T extends KubernetesObject>(resource: Resource<T>, name: ObjectName): Promise<T | undefined> {
    this.#check();
    return Promise.resolve(this.#objects.get(idOf(resource, name)) as T | undefined);
  }

  async list<T extends KubernetesObject>(
    resource: Resource<T>,
    options: ListOptions,
  ): Promise<ObjectList<T>> {
    this.#check();
    const items = [...this.#objects.values()].filter(
      (object) => object.kind === resource.kind && matches(object, options),
    ) as T[];
    return Promise.resolve({ resourceVersion: `${this.#revision}`, items });
  }

  async create<T extends KubernetesObject>(resource: Resource<T>, object: T): Promise<T> {
    this.#check();
    const id = `${resource.kind} ${keyOf(object)}`;
    if (this.#objects.has(id)) throw apiError('AlreadyExists', `${id} exists`);
    const created = structuredClone(object);
    created.metadata.uid ??= crypto.randomUUID();
    created.metadata.generation = 1;
    return Promise.resolve(this.#write(id, created) as T);
  }

  async update<T extends KubernetesObject>(resource: Resource<T>, object: T): Promise<T> {
    this.#check();
    const id = `${resource.kind} ${keyOf(object)}`;
    this.#find(id, object.metadata.resourceVersion);
    return Promise.resolve(this.#write(id, structuredClone(object)) as T);
  }

  async mergePatch<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: object,
    _options: PatchOptions,
  ): Promise<T> {
    this.#check();
    const id = idOf(resource, name);
    const { metadata } = patch as { metadata?: { resourceVersion?: string } };
    const stored = this.#find(id, metadata?.resourceVersion);
    const patched = mergeInto(stored, patch) as T;
    patched.metadata.resourceVersion = stored.metadata.resourceVersion ?? '';
    if (isDeepStrictEqual(patched, stored)) return Promise.resolve(stored as T);
    return Promise.resolve(this.#write(id, patched) as T);
  }

  /** Without owners: nothing is ever taken away, and nothing conflicts. */
  async apply<T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    options: ApplyOptions,
  ): Promise<T> {
    const isPresent = this.#objects.has(idOf(resource, object.metadata));
    return isPresent
      ? this.mergePatch(resource, object.metadata, object, options)
      : this.create(resource, object);
  }

  async delete<T extends KubernetesObject>(
    resource: Resource<T>,
    name: ObjectName,
    _options: DeleteOptions,
  ): Promise<void> {
    this.#check();
    const id = idOf(resource, name);
    const stored = this.#objects.get(id);
    if (stored === undefined) return Promise.resolve();
    const doomed = structuredClone(stored);
    doomed.metadata.deletionTimestamp ??= '2026-01-01T00:00:00Z';
    this.#write(id, doomed);
    return Promise.resolve();
  }

  async *watch<T extends KubernetesObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>> {
    let seen = Number(options.resourceVersion);
    while (!signal.aborted) {
      this.#check();
      const news = this.#log.filter(({ revision, kind }) => revision > seen && kind === resource.kind);
      for (const change of news) {
        seen = change.revision;
        const event = toEvent<T>(change, options);
        if (event !== undefined) yield event;
      }
      if (news.length === 0) await this.#nextChange(signal);
    }
  }

  #check(): void {
    if (this.isOffline) throw apiError('ServiceUnavailable', 'no quorum');
  }

  #find(id: string, resourceVersion: string | undefined): KubernetesObject {
    const stored = this.#objects.get(id);
    if (stored === undefined) throw apiError('NotFound', `${id} does not exist`);
    if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion) {
      throw apiError('Conflict', `${id} has changed`);
    }
    return stored;
  }

  #write(id: string, draft: KubernetesObject): KubernetesObject {
    const before = this.#objects.get(id);
    this.#revision += 1;
    draft.metadata.resourceVersion = `${this.#revision}`;
    const { deletionTimestamp, finalizers = [] } = draft.metadata;
    const isGone = deletionTimestamp !== undefined && finalizers.length === 0;
    if (isGone) this.#objects.delete(id);
    else this.#objects.set(id, draft);
    const kind = id.slice(0, id.indexOf(' '));
    this.#log.push({
      revision: this.#revision,
      kind,
      ...(before === undefined ? {} : { before }),
      ...(isGone ? {} : { after: draft }),
    });
    this.#onWrite([...this.#objects.values()]);
    for (const wake of this.#waiting) wake();
    return draft;
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

function toEvent<T>({ before, after }: Change, options: ListOptions): WatchEvent<T> | undefined {
  const had = before !== undefined && matches(before, options);
  const has = after !== undefined && matches(after, options);
  if (has) return { type: had ? 'MODIFIED' : 'ADDED', object: after as T };
  return had ? { type: 'DELETED', object: (after ?? before) as T } : undefined;
}

/** `a.b=value`, as in a field selector; several are joined by commas. */
function matches(object: KubernetesObject, { namespace, fieldSelector = '' }: ListOptions): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  return fieldSelector
    .split(',')
    .filter((term) => term !== '')
    .every((term) => {
      const [path = '', value] = term.split('=');
      let found: unknown = object;
      for (const part of path.split('.')) found = (found as Record<string, unknown> | undefined)?.[part];
      return found === value;
    });
}

function mergeInto(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return structuredClone(patch);
  const merged: Record<string, unknown> = isRecord(target) ? structuredClone(target) : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, name);
    else if (value !== undefined) merged[name] = mergeInto(merged[name], value);
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idOf<T extends KubernetesObject>({ kind }: Resource<T>, name: ObjectName): string {
  return `${kind} ${formatKey(name)}`;
}
