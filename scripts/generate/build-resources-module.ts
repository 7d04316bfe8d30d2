import { prettify } from './build-kind-module.ts';
import { type KindDefinition, moduleFileName } from './kind-definition.ts';

/** `src/api/generated/resources.ts`: where each kind lives, one constant a kind. */
export async function buildResourcesModule(kinds: readonly KindDefinition[]): Promise<string> {
  const imports = kinds.map(({ crd }) => {
    const { kind } = crd.spec.names;
    return `import type { ${kind} } from './${moduleFileName(kind)}';`;
  });
  const header = '// generated from crds/; do not edit\n';
  const shared = `import type { Resource } from '../resource.ts';\n`;
  return prettify(
    [header + shared + imports.join('\n'), ...kinds.map((definition) => constant(definition))].join('\n\n'),
  );
}

function constant({ file, crd }: KindDefinition): string {
  const { group, names, scope, versions } = crd.spec;
  const [version] = versions;
  if (version === undefined) throw new Error(`${file} has no version`);
  const name = `${names.kind.charAt(0).toLowerCase()}${names.kind.slice(1)}s`.replace(/ys$/, 'ies');
  return `export const ${name}: Resource<${names.kind}> = {
    apiVersion: '${group}/${version.name}',
    kind: '${names.kind}',
    plural: '${names.plural}',
    namespaced: ${String(scope === 'Namespaced')},
  };`;
}
