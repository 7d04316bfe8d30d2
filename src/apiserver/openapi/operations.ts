import type { ObjectPart, PartDocument } from '../parts/object-part.ts';
import { partsOf } from '../parts/object-parts.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { documentPath, metaTypes, schemaName } from './schema-names.ts';

export type Method = 'delete' | 'get' | 'patch' | 'post' | 'put';
export type Action = 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'post' | 'put';

export interface Operation {
  readonly method: Method;
  readonly action: Action;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** Name of the schema of the body that is sent. */
  readonly body?: string;
  /** Name of the schema of the answer. */
  readonly answer: string;
  /** The kind that is acted on, where a sub-resource is a kind of its own. */
  readonly document?: PartDocument;
}

export interface Parameter {
  readonly name: string;
  readonly type: 'boolean' | 'integer' | 'string';
  readonly in: 'path' | 'query';
  readonly description: string;
}

export interface PathOperations {
  readonly path: string;
  readonly pathParameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

const query = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  type,
  in: 'query',
  description,
});
const nameParameter: Parameter = {
  name: 'name',
  type: 'string',
  in: 'path',
  description: 'Name of the object.',
};
const namespaceParameter: Parameter = {
  name: 'namespace',
  type: 'string',
  in: 'path',
  description: 'Namespace of the object.',
};
const listParameters = [
  query('labelSelector', 'string', 'Only objects with these labels.'),
  query('fieldSelector', 'string', 'Only objects with these fields.'),
  query('limit', 'integer', 'At most so many objects in one answer.'),
  query('continue', 'string', 'Goes on where the last answer ended.'),
  query('resourceVersion', 'string', 'The state to show, or to watch from.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant.'),
  query('timeoutSeconds', 'integer', 'How long to watch.'),
  query('watch', 'boolean', 'Send changes as they happen.'),
  query('allowWatchBookmarks', 'boolean', 'Send marks of progress too.'),
  query('sendInitialEvents', 'boolean', 'Begin a watch with the present state.'),
];
const dryRun = query('dryRun', 'string', '"All": check everything, store nothing.');
const fieldManager = query('fieldManager', 'string', 'Who makes the change.');
const fieldValidation = query(
  'fieldValidation',
  'string',
  'Ignore, Warn or Strict: what unknown fields lead to.',
);
const writeParameters = [dryRun, fieldManager, fieldValidation];
const patchParameters = [
  ...writeParameters,
  query('force', 'boolean', 'Take fields over from other managers.'),
];
const deleteParameters = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'Seconds the object has to end in good order.'),
  query('propagationPolicy', 'string', 'Background, Foreground or Orphan.'),
];

/** Every address of a kind, with what can be done there. */
export function pathsOf(kind: ServedKind): PathOperations[] {
  const root = `/${documentPath(kind)}`;
  const base = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : `${root}/${kind.plural}`;
  const scope = kind.namespaced ? [namespaceParameter] : [];
  const everywhere = kind.namespaced
    ? [{ path: `${root}/${kind.plural}`, pathParameters: [], operations: [listOperation(kind)] }]
    : [];
  return [
    { path: base, pathParameters: scope, operations: collectionOperations(kind) },
    ...everywhere,
    { path: `${base}/{name}`, pathParameters: [nameParameter, ...scope], operations: itemOperations(kind) },
    ...partsOf(kind).map((part) => ({
      path: `${base}/{name}/${part.name}`,
      pathParameters: [nameParameter, ...scope],
      operations: partOperations(kind, part),
    })),
  ];
}

function listOperation(kind: ServedKind): Operation {
  return {
    method: 'get',
    action: 'list',
    description: `Lists or watches ${kind.kind} objects.`,
    parameters: listParameters,
    answer: schemaName(kind, kind.listKind),
  };
}

function collectionOperations(kind: ServedKind): Operation[] {
  const answer = schemaName(kind, kind.kind);
  return [
    listOperation(kind),
    {
      method: 'post',
      action: 'post',
      description: `Creates one ${kind.kind}.`,
      parameters: writeParameters,
      body: answer,
      answer,
    },
    {
      method: 'delete',
      action: 'deletecollection',
      description: `Deletes all ${kind.kind} objects that are selected.`,
      parameters: [...listParameters, ...deleteParameters],
      body: metaTypes.deleteOptions,
      answer: metaTypes.status,
    },
  ];
}

function itemOperations(kind: ServedKind): Operation[] {
  return [
    ...readAndWrite(schemaName(kind, kind.kind), `one ${kind.kind}`),
    {
      method: 'delete',
      action: 'delete',
      description: `Deletes one ${kind.kind}.`,
      parameters: deleteParameters,
      body: metaTypes.deleteOptions,
      answer: metaTypes.status,
    },
  ];
}

function readAndWrite(type: string, what: string): Operation[] {
  return [
    { method: 'get', action: 'get', description: `Reads ${what}.`, parameters: [], answer: type },
    {
      method: 'put',
      action: 'put',
      description: `Replaces ${what}.`,
      parameters: writeParameters,
      body: type,
      answer: type,
    },
    {
      method: 'patch',
      action: 'patch',
      description: `Changes ${what}.`,
      parameters: patchParameters,
      body: metaTypes.patch,
      answer: type,
    },
  ];
}

function partOperations(kind: ServedKind, { name, verbs, document }: ObjectPart): Operation[] {
  const type = document?.schemaName ?? schemaName(kind, kind.kind);
  const what = `the ${name} of one ${kind.kind}`;
  const create: Operation = {
    ...{ method: 'post', action: 'post', description: `Creates ${what}.` },
    ...{ parameters: writeParameters, body: type, answer: type },
  };
  const actions: Readonly<Record<string, string>> = {
    get: 'get',
    patch: 'patch',
    put: 'update',
    post: 'create',
  };
  return [...readAndWrite(type, what), create]
    .filter(({ method }) => verbs.some((verb) => verb === actions[method]))
    .map((operation) => ({ ...operation, ...(document === undefined ? {} : { document }) }));
}

/** Formats of a PATCH body that a kind takes. */
export function patchTypes({ builtIn }: ServedKind): string[] {
  return [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(builtIn ? ['application/strategic-merge-patch+json'] : []),
  ];
}

export function operationId(kind: ServedKind, path: string, { action, method }: Operation): string {
  const place = path
    .split('/')
    .filter((part) => part !== '' && !part.startsWith('{'))
    .join('_');
  const item = path.includes('{name}') ? 'One' : 'All';
  return `${action}${kind.kind}${item}_${method}_${place}`.replaceAll(/[^A-Za-z0-9_]/gu, '_');
}
