import { type CelType, celTypes, isDyn } from './cel-type.ts';

/** What is known about type variables so far. Trying an overload works on a copy, which is kept when it fits. */
export type Bindings = ReadonlyMap<string, CelType>;

/** The bindings under which a value of type `given` may stand where `wanted` is asked for; undefined if none. */
export function assign(bindings: Bindings, wanted: CelType, given: CelType): Bindings | undefined {
  const [left, right] = [lookUp(bindings, wanted), lookUp(bindings, given)];
  if (right.kind === 'variable') return bind(bindings, right.name, left);
  if (left.kind === 'variable') return bind(bindings, left.name, right);
  if (isDyn(left) || isDyn(right)) return bindings;
  if (isNull(right) && acceptsNull(left)) return bindings;
  if (isNull(left) && acceptsNull(right)) return bindings;
  return assignSameKind(bindings, left, right);
}

function assignSameKind(bindings: Bindings, left: CelType, right: CelType): Bindings | undefined {
  switch (left.kind) {
    case 'list':
      return right.kind === 'list' ? assign(bindings, left.element, right.element) : undefined;
    case 'map': {
      if (right.kind !== 'map') return undefined;
      const withKey = assign(bindings, left.key, right.key);
      return withKey === undefined ? undefined : assign(withKey, left.value, right.value);
    }
    case 'optional':
      return right.kind === 'optional' ? assign(bindings, left.of, right.of) : undefined;
    case 'type':
      return right.kind === 'type' ? bindings : undefined;
    case 'basic':
    case 'object':
    case 'opaque':
    case 'variable':
      return left.kind === right.kind && left.name === right.name ? bindings : undefined;
  }
}

function isNull(type: CelType): boolean {
  return type.kind === 'basic' && type.name === 'null_type';
}

function acceptsNull(type: CelType): boolean {
  if (type.kind === 'basic') return type.name === 'duration' || type.name === 'timestamp';
  return type.kind === 'object' || type.kind === 'opaque' || type.kind === 'optional';
}

function lookUp(bindings: Bindings, type: CelType): CelType {
  let found = type;
  while (found.kind === 'variable') {
    const bound = bindings.get(found.name);
    if (bound === undefined) return found;
    found = bound;
  }
  return found;
}

function bind(bindings: Bindings, name: string, type: CelType): Bindings | undefined {
  if (type.kind === 'variable' && type.name === name) return bindings;
  if (mentions(bindings, type, name)) return undefined;
  return new Map([...bindings, [name, type]]);
}

function mentions(bindings: Bindings, type: CelType, name: string): boolean {
  const found = lookUp(bindings, type);
  switch (found.kind) {
    case 'variable':
      return found.name === name;
    case 'list':
      return mentions(bindings, found.element, name);
    case 'map':
      return mentions(bindings, found.key, name) || mentions(bindings, found.value, name);
    case 'optional':
    case 'type':
      return mentions(bindings, found.of, name);
    case 'basic':
    case 'object':
    case 'opaque':
      return false;
  }
}

/** The type with every known variable replaced; what nobody has said anything about is dyn when `isFinal`. */
export function substitute(bindings: Bindings, type: CelType, isFinal = false): CelType {
  const found = lookUp(bindings, type);
  switch (found.kind) {
    case 'variable':
      return isFinal ? celTypes.dyn : found;
    case 'list':
      return { ...found, element: substitute(bindings, found.element, isFinal) };
    case 'map':
      return {
        ...found,
        key: substitute(bindings, found.key, isFinal),
        value: substitute(bindings, found.value, isFinal),
      };
    case 'optional':
    case 'type':
      return { ...found, of: substitute(bindings, found.of, isFinal) };
    case 'basic':
    case 'object':
    case 'opaque':
      return found;
  }
}

/** Gives the variables of a signature fresh names, so that two calls of it do not get into each other's way. */
export function renameVariables(type: CelType, suffix: string): CelType {
  switch (type.kind) {
    case 'variable':
      return { kind: 'variable', name: `${type.name}${suffix}` };
    case 'list':
      return { ...type, element: renameVariables(type.element, suffix) };
    case 'map':
      return { ...type, key: renameVariables(type.key, suffix), value: renameVariables(type.value, suffix) };
    case 'optional':
    case 'type':
      return { ...type, of: renameVariables(type.of, suffix) };
    case 'basic':
    case 'object':
    case 'opaque':
      return type;
  }
}
