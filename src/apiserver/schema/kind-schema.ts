import { isDeepStrictEqual } from 'node:util';
import type { StatusCause } from '../../api/api-error.ts';
import { type RuleChecker, createRuleChecker } from '../cel/rules/create-rule-checker.ts';
import { defaultObject } from './apply-defaults.ts';
import { validateEmbeddedResources } from './embedded-resources.ts';
import { roundBigIntegers } from './exact-integers.ts';
import { isJsonObject, type JsonObject, ownProperty } from './json-object.ts';
import { findDuplicateItems } from './list-uniqueness.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts';
import { pruneObject } from './prune.ts';
import type { ServedKind } from './served-kind.ts';
import { findUnservedValues } from './served-values.ts';
import { translateAjvErrors, valueAt } from './translate-ajv-error.ts';
import { createValueValidator, type ValueValidator } from './value-validator.ts';
import { withResourceFields } from './whole-schema.ts';

export interface Pruned {
  readonly object: JsonObject;
  /** Kubernetes field paths of what was removed: `spec.ports[0].zz`. */
  readonly unknownFields: readonly string[];
}

/**
 * What the API server asks of a kind's schema. A write runs `prune`, `applyDefaults`, then `validate`; a read from
 * the store runs the first two, since the schema may have changed. No function changes its argument; the first two
 * return the same reference when there is nothing to change.
 */
export interface KindSchema {
  prune(object: JsonObject): Pruned;
  /** Drops nulls that the schema does not allow, then fills in defaults. */
  applyDefaults(object: JsonObject): JsonObject;
  /**
   * Metadata, schema, list types, CEL rules and values not served yet. `stored` is the object being replaced, if any: what was
   * wrong in it before, and is unchanged, is let through, so that a stricter schema does not freeze old objects.
   */
  validate(object: JsonObject, stored?: JsonObject): StatusCause[];
  /** Value of a selectable field as the selector compares it: text, "" when absent. */
  selectableValue(object: JsonObject, field: string): string;
  /** Names that a field selector may use, metadata.name and metadata.namespace included. */
  readonly selectableFields: readonly string[];
}

/** Cheap to call: the validator itself is compiled when the first object is validated. */
export function compileKindSchema(kind: ServedKind): KindSchema {
  const { schema } = kind;
  const checks: Checks = {
    values: createValueValidator(withResourceFields(schema)),
    rules: createRuleChecker(schema),
  };
  return {
    prune(object) {
      const unknownFields: string[] = [];
      const pruned = pruneObject(object, schema, unknownFields);
      return { object: pruned, unknownFields: unknownFields.toSorted() };
    },
    applyDefaults: (object) => defaultObject(object, schema),
    validate: (object, stored) => validate(kind, checks, object, stored),
    selectableValue,
    selectableFields: ['metadata.name', 'metadata.namespace', ...kind.selectableFields],
  };
}

interface Checks {
  readonly values: ValueValidator;
  readonly rules: RuleChecker;
}

function validate(
  kind: ServedKind,
  checks: Checks,
  object: JsonObject,
  stored: JsonObject | undefined,
): StatusCause[] {
  const wrongValues = validateValues(checks.values, object, stored);
  const before = stored === undefined ? [] : wrongItems(kind, stored).map(formatCause);
  return [
    ...validateMetadata(kind, object, stored),
    ...wrongValues,
    ...wrongItems(kind, object).filter((cause) => !before.includes(formatCause(cause))),
    ...checks.rules(object, stored, wrongValues),
    ...(wrongValues.length === 0 ? (kind.validateMore?.(object, stored) ?? []) : []),
  ];
}

function validateValues(
  checkValues: ValueValidator,
  object: JsonObject,
  stored: JsonObject | undefined,
): StatusCause[] {
  const rounded = roundBigIntegers(object);
  return translateAjvErrors(checkValues(rounded), rounded)
    .filter(({ place }) => !isUnchanged(place, object, stored))
    .map(({ cause }) => cause);
}

/** The root always changes (its resourceVersion does), so this never lets a whole object through. */
function isUnchanged(place: readonly string[], object: JsonObject, stored: JsonObject | undefined): boolean {
  if (stored === undefined || place.length === 0 || place[0] === 'metadata') return false;
  const before = valueAt(stored, place);
  return before !== undefined && isDeepStrictEqual(before, valueAt(object, place));
}

function validateMetadata(
  kind: ServedKind,
  object: JsonObject,
  stored: JsonObject | undefined,
): StatusCause[] {
  const metadata = metadataOf(object);
  const changes = stored === undefined ? [] : validateObjectMetaUpdate(metadata, metadataOf(stored));
  return [...validateObjectMeta(metadata, kind), ...changes];
}

function wrongItems({ schema }: ServedKind, object: JsonObject): StatusCause[] {
  return [
    ...findDuplicateItems(object, schema),
    ...validateEmbeddedResources(object, schema),
    ...findUnservedValues(object, schema),
  ];
}

function formatCause({ field, message }: StatusCause): string {
  return `${field ?? ''}: ${message}`;
}

function metadataOf(object: JsonObject): JsonObject {
  const metadata = ownProperty(object, 'metadata');
  return isJsonObject(metadata) ? metadata : {};
}

function selectableValue(object: JsonObject, field: string): string {
  const value = valueAt(object, field.split('.'));
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
    case 'number':
      return String(value);
    default:
      return '';
  }
}
