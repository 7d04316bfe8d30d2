import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { buildModules, findStaleModules, readKinds } from './generate/build-modules.ts';

const root = join(import.meta.dirname, '..');
const generatedFolder = join(root, 'src/api/generated');

const modules = await buildModules(await readKinds(join(root, 'crds')));
if (process.argv.includes('--check')) await check();
else await write();

async function write(): Promise<void> {
  await mkdir(generatedFolder, { recursive: true });
  const stale = (await readdir(generatedFolder)).filter((file) => !modules.has(file));
  await Promise.all(stale.map((file) => rm(join(generatedFolder, file))));
  await Promise.all([...modules].map(([file, text]) => writeFile(join(generatedFolder, file), text)));
  console.log(`wrote ${modules.size} files to src/api/generated`);
}

async function check(): Promise<void> {
  const problems = await findStaleModules(modules, generatedFolder);
  for (const problem of problems) console.error(`src/api/generated: ${problem}`);
  if (problems.length === 0) return;
  console.error('run `npm run generate` and commit the result');
  process.exitCode = 1;
}
