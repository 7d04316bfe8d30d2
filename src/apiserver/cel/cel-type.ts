/**
 * The types that the checker reasons about. Lists, maps and texts that come from a schema know how large they can
 * get, which the estimate of costs needs; the size is no part of what makes types equal.
 */
export type CelType =
  | { readonly kind: 'basic'; readonly name: BasicName; readonly maxSize?: number }
  | { readonly kind: 'opaque'; readonly name: string }
  | { readonly kind: 'list'; readonly element: CelType; readonly maxSize?: number }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType; readonly maxSize?: number }
  | { readonly kind: 'object'; readonly name: string; readonly fields: ReadonlyMap<string, CelType> }
  | { readonly kind: 'optional'; readonly of: CelType }
  | { readonly kind: 'type'; readonly of: CelType }
  /** Stands for whatever type the arguments of one call turn out to have. */
  | { readonly kind: 'variable'; readonly name: string };

export type BasicName =
  'bool' | 'bytes' | 'double' | 'duration' | 'dyn' | 'int' | 'null_type' | 'string' | 'timestamp' | 'uint';

const basic = (name: BasicName): CelType => ({ kind: 'basic', name });

export const celTypes = {
  bool: basic('bool'),
  bytes: basic('bytes'),
  double: basic('double'),
  duration: basic('duration'),
  dyn: basic('dyn'),
  int: basic('int'),
  null: basic('null_type'),
  string: basic('string'),
  timestamp: basic('timestamp'),
  uint: basic('uint'),
} as const;

export const listOf = (element: CelType): CelType => ({ kind: 'list', element });
export const mapOf = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value });
export const optionalOf = (of: CelType): CelType => ({ kind: 'optional', of });

export function isDyn(type: CelType): boolean {
  return type.kind === 'basic' && type.name === 'dyn';
}

/** As error messages write it. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'basic':
      return type.name;
    case 'opaque':
    case 'object':
    case 'variable':
      return type.name;
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'optional':
      return `optional_type(${formatType(type.of)})`;
    case 'type':
      return `type(${formatType(type.of)})`;
  }
}

/** The names that an expression may use. */
export type Variables = ReadonlyMap<string, CelType>;
