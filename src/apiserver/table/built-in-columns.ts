import { isJsonObject, type JsonObject } from '../schema/json-object.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { type Column, printerColumn } from './column.ts';
import { formatAgeOf } from './human-age.ts';
import { compileJsonPath } from './json-path.ts';

type Cell = Column['cell'];

/** The columns that people know from Kubernetes where a JSONPath cannot say them; `undefined` for all other kinds. */
export function builtInColumns({ group, kind, builtIn }: ServedKind): readonly Column[] | undefined {
  if (!builtIn) return undefined;
  const key = `${group}/${kind}`;
  return Object.hasOwn(columns, key) ? columns[key] : undefined;
}

const age = printerColumn({ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' });
const createdAt = text('Created At', pathCell('.metadata.creationTimestamp'));
const dataCount: Column = {
  definition: { name: 'Data', type: 'string', format: '', description: 'Number of entries.', priority: 0 },
  cell: (object) => countKeys(object['data']) + countKeys(object['binaryData']),
};

const columns: Readonly<Record<string, readonly Column[]>> = {
  '/ConfigMap': [dataCount, age],
  '/Event': eventColumns(),
  '/Namespace': [text('Status', pathCell('.status.phase')), age],
  '/ServiceAccount': [text('Secrets', (object) => countItems(object['secrets'])), age],
  '/Secret': [text('Type', pathCell('.type')), dataCount, age],
  'coordination.k8s.io/Lease': [text('Holder', pathCell('.spec.holderIdentity')), age],
  'apiextensions.k8s.io/CustomResourceDefinition': [createdAt],
  'rbac.authorization.k8s.io/Role': [createdAt],
  'rbac.authorization.k8s.io/ClusterRole': [createdAt],
  'rbac.authorization.k8s.io/RoleBinding': bindingColumns(),
  'rbac.authorization.k8s.io/ClusterRoleBinding': bindingColumns(),
};

function text(name: string, cell: Cell, priority = 0): Column {
  return { definition: { name, type: 'string', format: '', description: '', priority }, cell };
}

function pathCell(jsonPath: string): Cell {
  const find = compileJsonPath(jsonPath);
  return (object) => find(object)[0] ?? '';
}

/** The first path that leads to a value. */
function firstOf(...jsonPaths: readonly string[]): (object: JsonObject) => unknown {
  const finds = jsonPaths.map(compileJsonPath);
  return (object) =>
    finds
      .map((find) => find(object)[0])
      .find((value) => value !== undefined && value !== null && value !== '');
}

function ageCell(...jsonPaths: readonly string[]): Cell {
  const find = firstOf(...jsonPaths);
  return (object, now) => {
    const time = find(object);
    return time === undefined ? '<unknown>' : formatAgeOf(time, now);
  };
}

function eventColumns(): Column[] {
  const subject = compileJsonPath('.involvedObject');
  return [
    text(
      'Last Seen',
      ageCell('.series.lastObservedTime', '.lastTimestamp', '.eventTime', '.metadata.creationTimestamp'),
    ),
    text('Type', pathCell('.type')),
    text('Reason', pathCell('.reason')),
    text('Object', (object) => describeSubject(subject(object)[0])),
    text('Subobject', pathCell('.involvedObject.fieldPath'), 1),
    text('Source', eventSource, 1),
    text('Message', (object) => trimmed(object['message'])),
    text('First Seen', ageCell('.firstTimestamp', '.eventTime', '.metadata.creationTimestamp'), 1),
    text('Count', (object) => String(countOf(object)), 1),
    text('Name', pathCell('.metadata.name'), 1),
  ];
}

function describeSubject(subject: unknown): string {
  if (!isJsonObject(subject)) return '';
  const kind = textOf(subject['kind']).toLowerCase();
  const name = textOf(subject['name']);
  return name === '' ? kind : `${kind}/${name}`;
}

const findComponent = firstOf('.source.component', '.reportingComponent');
const findHost = firstOf('.source.host', '.reportingInstance');

function eventSource(object: JsonObject): string {
  return [findComponent(object), findHost(object)].map(textOf).filter(Boolean).join(', ');
}

const findCount = firstOf('.series.count', '.count');

function countOf(object: JsonObject): number {
  const count = findCount(object);
  return typeof count === 'number' ? count : 1;
}

function bindingColumns(): Column[] {
  const role = compileJsonPath('.roleRef');
  return [
    text('Role', (object) => describeRole(role(object)[0])),
    age,
    text('Users', subjectsOf('User'), 1),
    text('Groups', subjectsOf('Group'), 1),
    text('ServiceAccounts', subjectsOf('ServiceAccount'), 1),
  ];
}

function describeRole(reference: unknown): string {
  if (!isJsonObject(reference)) return '';
  return `${textOf(reference['kind'])}/${textOf(reference['name'])}`;
}

function subjectsOf(kind: string): Cell {
  const find = compileJsonPath(`.subjects[?(@.kind=="${kind}")]`);
  return (object) =>
    find(object)
      .filter(isJsonObject)
      .map(({ namespace, name }) => [textOf(namespace), textOf(name)].filter(Boolean).join('/'))
      .join(', ');
}

function countItems(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function countKeys(value: unknown): number {
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function trimmed(value: unknown): string {
  return textOf(value).trim();
}
