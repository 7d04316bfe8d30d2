import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import { isJsonObject, type JsonObject } from '../json-object.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../name-syntax.ts';
import { checkVersion } from './check-version.ts';
import type { DefinitionSpec, DefinitionVersionSpec } from './definition-spec.ts';

const apiApproved = 'api-approved.kubernetes.io';

/** What makes a CustomResourceDefinition one that can be served. Its own schema has been checked before. */
export function checkDefinition(object: JsonObject, stored: JsonObject | undefined): StatusCause[] {
  const spec = object['spec'] as DefinitionSpec; // -- checked by the schema of the kind.
  return [
    ...checkName(object, spec),
    ...checkNames(spec),
    ...checkVersions(spec, stored),
    ...(stored === undefined ? [] : checkFixed(spec, stored['spec'] as DefinitionSpec)), // -- as above.
  ];
}

function checkName(object: JsonObject, { group, names }: DefinitionSpec): StatusCause[] {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  const wanted = `${names.plural}.${group}`;
  const wrongName =
    metadata['name'] === wanted
      ? []
      : [
          fieldCause.invalid(
            'metadata.name',
            metadata['name'] ?? '',
            'must be spec.names.plural+"."+spec.group',
          ),
        ];
  const isReserved = /(?:^|\.)(?:k8s|kubernetes)\.io$/u.test(group);
  const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {};
  const unapproved =
    isReserved && annotations[apiApproved] === undefined
      ? [
          fieldCause.required(
            `metadata.annotations[${apiApproved}]`,
            'protected groups must have approval annotation "api-approved.kubernetes.io"',
          ),
        ]
      : [];
  return [...wrongName, ...unapproved];
}

function checkNames({ group, names, preserveUnknownFields }: DefinitionSpec): StatusCause[] {
  const labels = [
    ['plural', names.plural],
    ['singular', names.singular ?? ''],
    ['kind', names.kind.toLowerCase()],
    ['listKind', (names.listKind ?? '').toLowerCase()],
    ...(names.shortNames ?? []).map((name, index) => [`shortNames[${index}]`, name] as const),
    ...(names.categories ?? []).map((name, index) => [`categories[${index}]`, name] as const),
  ] as const;
  const problems = labels
    .filter(([, value]) => value !== '')
    .flatMap(([key, value]) =>
      checkDnsLabel(value).map((problem) => fieldCause.invalid(`spec.names.${key}`, value, problem)),
    );
  const clash =
    names.kind === names.listKind
      ? [fieldCause.invalid('spec.names.listKind', names.kind, 'kind and listKind may not be the same')]
      : [];
  return [
    ...checkGroup(group),
    ...problems,
    ...clash,
    ...(preserveUnknownFields === true
      ? [
          fieldCause.invalid(
            'spec.preserveUnknownFields',
            true,
            'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
          ),
        ]
      : []),
  ];
}

function checkGroup(group: string): StatusCause[] {
  const problems = checkDnsSubdomain(group).map((problem) =>
    fieldCause.invalid('spec.group', group, problem),
  );
  if (group.includes('.')) return problems;
  return [...problems, fieldCause.invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function checkVersions(
  { versions, conversion }: DefinitionSpec,
  stored: JsonObject | undefined,
): StatusCause[] {
  const storageCount = versions.filter(({ storage }) => storage).length;
  const seen = new Set<string>();
  const each = versions.flatMap((version, index) => {
    const path = `spec.versions[${index}]`;
    const repeated = seen.has(version.name)
      ? [fieldCause.invalid(`${path}.name`, version.name, 'must be unique')]
      : [];
    seen.add(version.name);
    return [...repeated, ...checkVersion(version, path)];
  });
  const webhook =
    conversion?.strategy === 'Webhook'
      ? [fieldCause.notServed('spec.conversion.strategy', 'Webhook', ['None'])]
      : [];
  const wrongStorage =
    storageCount === 1
      ? []
      : [
          fieldCause.invalid(
            'spec.versions',
            versionNames(versions),
            'must have exactly one version marked as storage version',
          ),
        ];
  return [...wrongStorage, ...each, ...webhook, ...checkStoredVersions(versions, stored)];
}

/** Objects of a version that was stored once may still be there in that form. */
function checkStoredVersions(
  versions: readonly DefinitionVersionSpec[],
  stored: JsonObject | undefined,
): StatusCause[] {
  const status = stored?.['status'];
  const names =
    isJsonObject(status) && Array.isArray(status['storedVersions']) ? status['storedVersions'] : [];
  return names.flatMap((name, index) => {
    if (versions.some((version) => version.name === name)) return [];
    return [
      fieldCause.invalid(
        `status.storedVersions[${index}]`,
        name,
        'missing from spec.versions; was this version previously stored?',
      ),
    ];
  });
}

/** Keys in the store and addresses of objects are made of these. */
function checkFixed(spec: DefinitionSpec, before: DefinitionSpec): StatusCause[] {
  const pairs = [
    ['spec.group', before.group, spec.group],
    ['spec.scope', before.scope, spec.scope],
    ['spec.names.plural', before.names.plural, spec.names.plural],
    ['spec.names.kind', before.names.kind, spec.names.kind],
  ] as const;
  return pairs
    .filter(([, old, now]) => !isDeepStrictEqual(old, now))
    .map(([path, , now]) => fieldCause.invalid(path, now, 'field is immutable'));
}

function versionNames(versions: readonly DefinitionVersionSpec[]): string {
  return versions.map(({ name }) => name).join(',');
}
