import { apiError } from '../../api/api-error.ts';
import type { Condition } from '../../api/meta.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import {
  type Definition,
  type DefinitionNames,
  asDefinition,
  isEstablished,
} from '../registry/definition-kinds.ts';
import { metadataOf, withMetadata } from '../registry/metadata-of.ts';
import { definitionPrefix } from '../registry/storage-key.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { AdmissionRequest, AdmissionRule } from './admission-rule.ts';

export const definitionFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * A definition is judged while it is written: its names are accepted or not, and it is served as soon as it is
 * stored. So nobody ever sees one that no controller has looked at yet.
 */
export const admitDefinition: AdmissionRule = (request, deps) => {
  refuseForTerminating(request);
  const { kind, operation, object, subresource } = request;
  if (kind.prefix !== definitionPrefix || object === undefined || subresource !== undefined) return undefined;
  const finalized = operation === 'create' ? withFinalizer(object) : object;
  const definition = asDefinition(finalized);
  return { object: { ...finalized, status: judgeDefinition(definition, deps) } };
};

function refuseForTerminating({ kind, operation }: AdmissionRequest): void {
  if (operation !== 'create' || kind.definition?.isTerminating !== true) return;
  const message = 'create not allowed while custom resource definition is terminating';
  throw apiError('MethodNotAllowed', message, { group: kind.served.group, kind: kind.served.plural });
}

function withFinalizer(object: JsonObject): JsonObject {
  const metadata = metadataOf(object);
  const others = (metadata.finalizers ?? []).filter((name) => name !== definitionFinalizer);
  return withMetadata(object, { ...metadata, finalizers: [...others, definitionFinalizer] });
}

/** The status that a definition deserves beside the others that there are. */
export function judgeDefinition(definition: Definition, deps: Pick<ServerDeps, 'clock' | 'store'>): object {
  const { spec, metadata } = definition;
  const problem = findNameClash(definition, deps);
  const storageVersion = spec.versions.find(({ storage }) => storage)?.name;
  const storedVersions = new Set(definition.status?.storedVersions ?? []);
  if (storageVersion !== undefined) storedVersions.add(storageVersion);
  const conditions = keepTransitionTimes(
    problem === undefined ? acceptedConditions : refusedConditions(problem),
    definition,
    formatTimestamp(deps.clock.now()),
  );
  const isTerminating = metadata.deletionTimestamp !== undefined;
  const terminating = (definition.status?.conditions ?? []).filter(({ type }) => type === 'Terminating');
  return {
    conditions: isTerminating ? [...conditions, ...terminating] : conditions,
    acceptedNames: problem === undefined ? completeNames(spec.names) : { plural: '', kind: '' },
    storedVersions: [...storedVersions],
  };
}

type Verdict = Omit<Condition, 'lastTransitionTime'>;

const acceptedConditions: readonly Verdict[] = [
  { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  {
    type: 'Established',
    status: 'True',
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  },
];

function refusedConditions(problem: { reason: string; message: string }): readonly Verdict[] {
  return [
    { type: 'NamesAccepted', status: 'False', ...problem },
    { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
  ];
}

function keepTransitionTimes(
  verdicts: readonly Verdict[],
  { status }: Definition,
  now: string,
): readonly Condition[] {
  const before = (status?.conditions ?? []) as readonly Condition[];
  return verdicts.map((verdict) => {
    const same = before.find(({ type, status: value }) => type === verdict.type && value === verdict.status);
    return { ...verdict, lastTransitionTime: same?.lastTransitionTime ?? now };
  });
}

function completeNames(names: DefinitionNames): DefinitionNames {
  const singular = names.singular ?? names.kind.toLowerCase();
  return { ...names, singular, listKind: names.listKind ?? `${names.kind}List` };
}

/** Another definition of the same group that was there first keeps its names. */
function findNameClash(
  { metadata, spec }: Definition,
  { store }: Pick<ServerDeps, 'store'>,
): { reason: string; message: string } | undefined {
  const others = store
    .range(definitionPrefix)
    .entries.map((entry) => asDefinition(decodeStoredJson(entry.value) as JsonObject))
    .filter((other) => other.metadata.name !== metadata.name && other.spec.group === spec.group)
    .filter(isEstablished)
    .map((other) => completeNames(other.spec.names));
  const mine = completeNames(spec.names);
  const resources = new Set(
    others.flatMap((names) => [names.plural, names.singular, ...(names.shortNames ?? [])]),
  );
  const kinds = new Set(others.flatMap((names) => [names.kind, names.listKind]));
  const clash = [mine.plural, mine.singular, ...(mine.shortNames ?? [])].find((name) => resources.has(name));
  if (clash !== undefined) return { reason: 'NameConflict', message: `"${clash}" is already in use` };
  const kindClash = [mine.kind, mine.listKind].find((name) => kinds.has(name));
  if (kindClash === undefined) return undefined;
  return { reason: 'KindConflict', message: `"${kindClash}" is already in use` };
}
