import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { CelBudget } from '../../../../src/apiserver/cel/cel-budget.ts';
import { type CelType, celTypes, listOf, mapOf } from '../../../../src/apiserver/cel/cel-type.ts';
import {
  CelDuration,
  CelEntries,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
} from '../../../../src/apiserver/cel/cel-value.ts';
import { compileCel } from '../../../../src/apiserver/cel/cel-program.ts';
import { parseDuration, parseTimestamp } from '../../../../src/apiserver/cel/library/format-time.ts';
import { typeNames } from '../../../../src/apiserver/cel/function-table.ts';

/** One published vector: an expression, what it is given, and what must come out. */
export interface Vector {
  readonly name: string;
  readonly expr: string;
  readonly value?: JsonValue;
  readonly evalError?: unknown;
  readonly bindings?: Readonly<Record<string, { readonly value: JsonValue }>>;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: JsonType } }[];
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly disableMacros?: boolean;
}

type JsonValue = Readonly<Record<string, unknown>>;
type JsonType = Readonly<Record<string, unknown>>;

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Vector }[];
}

/** All vectors below one of the named suites. */
export function vectorsOf(suiteName: string): readonly { readonly path: string; readonly vector: Vector }[] {
  const suite = (tests.suites as readonly unknown[] as readonly Suite[]).find(
    ({ name }) => name === suiteName,
  );
  if (suite === undefined) throw new Error(`there is no suite ${suiteName}`);
  return collect(suite, suite.name);
}

function collect({ suites = [], tests: own = [] }: Suite, path: string): { path: string; vector: Vector }[] {
  return [
    ...own.map(({ original }) => ({ path: `${path}/${original.name}`, vector: original })),
    ...suites.flatMap((inner) => collect(inner, `${path}/${inner.name}`)),
  ];
}

/** Messages of protobuf, namespaces and unchecked expressions do not occur in the rules of a schema. */
export function isOutOfScope({
  expr,
  container,
  disableCheck,
  disableMacros,
  typeEnv = [],
  ...rest
}: Vector): boolean {
  const text = JSON.stringify([rest.value, rest.bindings, typeEnv]);
  return (
    container !== undefined ||
    disableCheck === true ||
    disableMacros === true ||
    /objectValue|messageType|enumValue|wrapper|\bunknown\b|"function"|wellKnown":"ANY/u.test(text) ||
    /google\.protobuf\.(?!Timestamp|Duration)|TestAllTypes|cel\.expr|\b[a-z]\w*\.[A-Z]\w*\{/u.test(expr)
  );
}

export function runVector({ expr, bindings = {}, typeEnv = [] }: Vector): CelValue {
  const types = new Map(typeEnv.map(({ name, ident }) => [name, readType(ident?.type ?? {})] as const));
  const variables = new Map(
    Object.keys(bindings).map((name) => [name, types.get(name) ?? celTypes.dyn] as const),
  );
  const values = new Map(
    Object.entries(bindings).map(([name, { value }]) => [name, readValue(value)] as const),
  );
  return compileCel(expr, new Map([...types, ...variables]), { allowsMixedLiterals: true }).evaluate(
    values,
    new CelBudget(1_000_000),
  );
}

export function readValue(json: JsonValue): CelValue {
  const [[kind, content] = ['nullValue', null]] = Object.entries(json);
  switch (kind) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'stringValue':
      return content as boolean | string;
    case 'int64Value':
      return BigInt(content as string);
    case 'uint64Value':
      return new CelUint(BigInt(content as string));
    case 'doubleValue':
      return Number(content);
    case 'bytesValue':
      return new Uint8Array(Buffer.from(content as string, 'base64'));
    case 'typeValue':
      return new CelTypeValue(typeNames.get(content as string) ?? celTypes.dyn);
    case 'listValue':
      return ((content as { values?: readonly JsonValue[] }).values ?? []).map(readValue);
    case 'mapValue': {
      const { entries = [] } = content as { entries?: readonly { key: JsonValue; value: JsonValue }[] };
      return new CelEntries(entries.map(({ key, value }) => [readValue(key), readValue(value)] as const));
    }
    case 'objectValue': {
      const { value } = content as { '@type': string; value: string };
      const time = parseTimestamp(value);
      return time === undefined ? new CelDuration(parseDuration(value) ?? 0n) : new CelTimestamp(time);
    }
    default:
      throw new Error(`no value of kind ${kind}`);
  }
}

const primitives: Readonly<Record<string, CelType>> = {
  BOOL: celTypes.bool,
  BYTES: celTypes.bytes,
  DOUBLE: celTypes.double,
  INT64: celTypes.int,
  STRING: celTypes.string,
  UINT64: celTypes.uint,
};

function readType(json: JsonType): CelType {
  const [[kind, content] = ['dyn', {}]] = Object.entries(json);
  switch (kind) {
    case 'primitive':
      return primitives[content as string] ?? celTypes.dyn;
    case 'listType':
      return listOf(readType((content as { elemType?: JsonType }).elemType ?? {}));
    case 'mapType': {
      const { keyType = {}, valueType = {} } = content as { keyType?: JsonType; valueType?: JsonType };
      return mapOf(readType(keyType), readType(valueType));
    }
    case 'wellKnown':
      return content === 'TIMESTAMP' ? celTypes.timestamp : celTypes.duration;
    default:
      return celTypes.dyn;
  }
}
