import { type JSONSchema, compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

import { type KindDefinition, moduleFileName } from './kind-definition.ts';
import { nameTypes } from './name-types.ts';

const sharedTypes = ['Condition', 'ObjectMeta'];

/** The TypeScript types of one kind, as `src/api/generated/<kind>.ts`. */
export async function buildKindModule({
  file,
  crd,
}: KindDefinition): Promise<{ fileName: string; text: string }> {
  const { kind } = crd.spec.names;
  const [version] = crd.spec.versions;
  if (version === undefined) throw new Error(`${file} has no version`);
  const schema = nameTypes(kind, version.schema.openAPIV3Schema);
  const types = await compile(schema as JSONSchema, kind, {
    additionalProperties: false,
    bannerComment: '',
    format: false,
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: false,
  });
  const used = sharedTypes.filter((name) => new RegExp(`\\b${name}\\b`).test(types));
  const header = `// generated from ${file}; do not edit\n`;
  const imports = `import type { ${used.join(', ')} } from '../meta.ts';\n\n`;
  return { fileName: moduleFileName(kind), text: await prettify(header + imports + allowUndefined(types)) };
}

export async function prettify(text: string): Promise<string> {
  const config = await resolveConfig(import.meta.filename);
  return format(text, { ...config, parser: 'typescript' });
}

/**
 * Drafts are edited by assignment, and `draft.status.pid = undefined` says "gone" more plainly than `delete`;
 * JSON leaves such a field out. So every optional property also admits `undefined`.
 */
function allowUndefined(types: string): string {
  const source = ts.createSourceFile('types.ts', types, ts.ScriptTarget.Latest, true);
  const ends: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) && node.questionToken !== undefined && node.type !== undefined) {
      ends.push(node.type.getEnd());
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  // From the back, so that earlier positions stay true.
  return ends
    .toSorted((a, b) => b - a)
    .reduce((text, end) => `${text.slice(0, end)} | undefined${text.slice(end)}`, types);
}
