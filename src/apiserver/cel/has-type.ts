import type { BasicName, CelType } from './cel-type.ts';
import {
  CelDuration,
  CelMap,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
} from './cel-value.ts';

/** Whether a function that asks for the type can work on the value. The content of lists and maps is not looked at. */
export function hasType(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case 'basic':
      return hasBasicType(value, type.name);
    case 'list':
      return Array.isArray(value);
    case 'map':
    case 'object':
      return value instanceof CelMap;
    case 'opaque':
      return value instanceof CelOpaque && value.typeName === type.name;
    case 'optional':
      return value instanceof CelOptional;
    case 'type':
      return value instanceof CelTypeValue;
    case 'variable':
      return true;
  }
}

function hasBasicType(value: CelValue, name: BasicName): boolean {
  switch (name) {
    case 'bool':
      return typeof value === 'boolean';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'double':
      return typeof value === 'number';
    case 'duration':
      return value instanceof CelDuration;
    case 'dyn':
      return true;
    case 'int':
      return typeof value === 'bigint';
    case 'null_type':
      return value === null;
    case 'string':
      return typeof value === 'string';
    case 'timestamp':
      return value instanceof CelTimestamp;
    case 'uint':
      return value instanceof CelUint;
  }
}
