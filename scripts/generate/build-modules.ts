import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { load } from 'js-yaml';

import { buildKindModule } from './build-kind-module.ts';
import { buildResourcesModule } from './build-resources-module.ts';
import type { KindDefinition } from './kind-definition.ts';

/** The CRDs of a folder, by file name, so that the result does not depend on the file system. */
export async function readKinds(folder: string): Promise<KindDefinition[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const crd = load(await readFile(join(folder, file), 'utf8'));
      // The tests of crds/ hold the files to this shape.
      return { file: `crds/${file}`, crd: crd as KindDefinition['crd'] };
    }),
  );
}

/** File name in `src/api/generated` → its text. */
export async function buildModules(kinds: readonly KindDefinition[]): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  for (const kind of kinds) {
    const { fileName, text } = await buildKindModule(kind);
    modules.set(fileName, text);
  }
  modules.set('resources.ts', await buildResourcesModule(kinds));
  return modules;
}

/** What is wrong with the folder, one sentence a file; nothing when it is what the CRDs give. */
export async function findStaleModules(
  modules: ReadonlyMap<string, string>,
  folder: string,
): Promise<string[]> {
  const found: string[] = await readdir(folder).catch(() => []); // No folder is as good as an empty one.
  const problems = found.filter((file) => !modules.has(file)).map((file) => `${file} has no kind any more`);
  for (const [file, want] of modules) {
    const have = found.includes(file) ? await readFile(join(folder, file), 'utf8') : undefined;
    if (have !== want) problems.push(`${file} is ${have === undefined ? 'missing' : 'stale'}`);
  }
  return problems;
}
