import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { load } from 'js-yaml';

import { buildKindModule } from './generate/build-kind-module.ts';
import { buildResourcesModule } from './generate/build-resources-module.ts';
import type { KindDefinition } from './generate/kind-definition.ts';

const root = join(import.meta.dirname, '..');
const crdFolder = join(root, 'crds');
const generatedFolder = join(root, 'src/api/generated');

const modules = await buildModules(await readKinds());
if (process.argv.includes('--check')) await check(modules);
else await write(modules);

async function readKinds(): Promise<KindDefinition[]> {
  const files = (await readdir(crdFolder)).filter((file) => file.endsWith('.yaml')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(crdFolder, file), 'utf8');
      // -- the unit tests of crds/ hold the files to this shape
      return { file: `crds/${file}`, crd: load(text) as KindDefinition['crd'] };
    }),
  );
}

async function buildModules(kinds: readonly KindDefinition[]): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  for (const kind of kinds) {
    const { fileName, text } = await buildKindModule(kind);
    modules.set(fileName, text);
  }
  modules.set('resources.ts', await buildResourcesModule(kinds));
  return modules;
}

async function write(modules: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(generatedFolder, { recursive: true });
  const stale = (await readdir(generatedFolder)).filter((file) => !modules.has(file));
  await Promise.all(stale.map((file) => rm(join(generatedFolder, file))));
  await Promise.all([...modules].map(([file, text]) => writeFile(join(generatedFolder, file), text)));
  console.log(`wrote ${modules.size} files to src/api/generated`);
}

async function check(modules: ReadonlyMap<string, string>): Promise<void> {
  const found = await readdir(generatedFolder).catch(() => []);
  const problems = found.filter((file) => !modules.has(file)).map((file) => `${file} has no kind any more`);
  for (const [file, want] of modules) {
    const have = await readFile(join(generatedFolder, file), 'utf8').catch(() => undefined);
    if (have !== want) problems.push(`${file} is ${have === undefined ? 'missing' : 'stale'}`);
  }
  for (const problem of problems) console.error(`src/api/generated: ${problem}`);
  if (problems.length === 0) return;
  console.error('run `npm run generate` and commit the result');
  process.exitCode = 1;
}
