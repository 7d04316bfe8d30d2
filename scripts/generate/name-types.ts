import type { Schema } from './kind-definition.ts';

/**
 * Gives every nested object a title, which becomes the name of its type: `spec.devices[].disk` of Instance is
 * `InstanceDeviceDisk`, `status.members[]` of Image is `ImageStatusMember`. What all kinds share is taken
 * from `meta.ts`.
 */
export function nameTypes(kind: string, root: Schema): Schema {
  const { spec, status } = root.properties ?? {};
  const properties: Record<string, Schema> = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', tsType: 'ObjectMeta' },
  };
  if (spec !== undefined) properties['spec'] = nameNode(`${kind}Spec`, kind, spec);
  if (status !== undefined) properties['status'] = nameNode(`${kind}Status`, `${kind}Status`, status);
  const required = ['apiVersion', 'kind', 'metadata', ...(root.required ?? [])];
  return { ...root, title: kind, properties, required };
}

function nameNode(title: string, childPrefix: string, schema: Schema): Schema {
  if (schema.properties === undefined) return plain(nameContents(childPrefix, schema));
  const properties = Object.entries(schema.properties).map(([name, child]): [string, Schema] => {
    const path = childPrefix + capitalize(name);
    return [name, name === 'conditions' ? conditions(child) : nameNode(path, path, child)];
  });
  return plain({ ...schema, title, properties: Object.fromEntries(properties) });
}

/** Lists and maps are named after one of their elements. */
function nameContents(path: string, schema: Schema): Schema {
  const element = singular(path);
  if (schema.items !== undefined) return { ...schema, items: nameElement(element, schema.items) };
  if (typeof schema.additionalProperties === 'object') {
    return { ...schema, additionalProperties: nameElement(element, schema.additionalProperties) };
  }
  return schema;
}

/** The list or map is described already; only an element that becomes a type of its own keeps its words. */
function nameElement(title: string, schema: Schema): Schema {
  const named = nameNode(title, title, schema);
  if (named.properties !== undefined) return named;
  const { description: _description, ...rest } = named;
  return rest;
}

function conditions(schema: Schema): Schema {
  return { type: 'array', tsType: 'Condition[]', ...describedAs(schema) };
}

function describedAs(schema: Schema): { description?: string } {
  return schema.description === undefined ? {} : { description: schema.description };
}

/** Drops what the type cannot say or the description says already. Numbers of an `enum` stay numbers. */
function plain(schema: Schema): Schema {
  const { default: _default, enum: values, not: _not, ...rest } = schema;
  return values !== undefined && schema.type === 'string' ? { ...rest, enum: values } : rest;
}

function singular(path: string): string {
  if (path.endsWith('sses')) return path.slice(0, -2);
  return path.endsWith('s') ? path.slice(0, -1) : path;
}

function capitalize(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
