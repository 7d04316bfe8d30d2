// Bundles what is shipped and run: build/app/*.js, and the commands build/bin/musterd and build/bin/muster.
import { chmod, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build, type BuildOptions } from 'esbuild';

const root = path.join(import.meta.dirname, '..');
const appFolder = path.join(root, 'build', 'app');
const binFolder = path.join(root, 'build', 'bin');

/** What starts by itself, and how Node is started for it. */
const programs = {
  musterd: {
    entries: { musterd: 'src/daemon/main.ts' },
    // V8 would let the space for new objects grow to 32 MB (with 4 MB a busy member spends a fifth of its time on
    // collecting them, with 8 MB a tenth) and malloc keep a heap for each of a dozen threads:
    // together 30 MB that a member which mostly waits never gives back. And V8 would let a busy heap grow to four times
    // what is in use before it looks, and keep the pages: 1.2 GB after 200,000 writes, of which 0.2 GB were in use.
    // What a member needed to start it would keep for hours: at rest it collects by itself, which takes `gc`. V8 would once
    // more, two minutes later, for next to nothing.
    // While it marks everything V8 would not collect what is new: that grew to 53 MB, which the end of the marking then had
    // to sort out in one pause.
    nodeFlags: [
      '--max-semi-space-size=8',
      '--no-separate-gc-phases',
      '--heap-growing-percent=40',
      '--expose-gc',
      '--no-memory-reducer',
    ],
    // By itself malloc learns to take ever bigger blocks from between the small ones, and gives back only what is at
    // the end: a busy member kept 60 MB of holes. Blocks from 256 KiB on stand alone, and go back when they are freed.
    environment: ['MALLOC_ARENA_MAX=1', 'MALLOC_MMAP_THRESHOLD_=262144', 'MALLOC_TRIM_THRESHOLD_=8388608'],
  },
  muster: { entries: { muster: 'src/cli/main.ts' }, nodeFlags: [], environment: [] },
} as const;
type ProgramName = keyof typeof programs;

const keptMs = 24 * 3_600_000;

// Packages of the CommonJS kind ask for Node's own modules with `require`, which a module file does not have.
const requireForCommonJs =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  splitting: true, // what is imported late stays in files of its own
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked', // the notices of the packages stay beside their code
  banner: { js: requireForCommonJs },
  outdir: appFolder,
  entryNames: '[name]',
  logLevel: 'warning',
};

/** `exec`: the process that a supervisor started is musterd itself. */
function launcherOf(name: ProgramName): string {
  const { nodeFlags, environment } = programs[name];
  const node = `"$here/../../node_modules/.bin/node"`;
  const command = [...environment, 'exec', node, ...nodeFlags, `"$here/../app/${name}.js"`, '"$@"'].join(' ');
  return `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
${command}
`;
}

async function buildProgram(name: ProgramName): Promise<void> {
  const { entries } = programs[name];
  await build({ ...shared, entryPoints: { ...entries }, chunkNames: `${name}-[name]-[hash]` });
  const launcher = path.join(binFolder, name);
  await writeFile(launcher, launcherOf(name));
  await chmod(launcher, 0o755);
}

/** A member that runs loads some of its files late, so those of the last builds stay for a day. */
async function removeOldFiles(): Promise<void> {
  for (const name of await readdir(appFolder)) {
    const file = path.join(appFolder, name);
    if ((await stat(file)).mtimeMs < Date.now() - keptMs) await rm(file);
  }
}

const started = performance.now();
await mkdir(appFolder, { recursive: true });
await mkdir(binFolder, { recursive: true });
// The launchers are as new as what they were built from, also when a source changes meanwhile.
const startedAt = new Date();
await Promise.all([buildProgram('musterd'), buildProgram('muster')]);
await Promise.all(
  ['musterd', 'muster'].map((name) => utimes(path.join(binFolder, name), startedAt, startedAt)),
);
await removeOldFiles();
console.log(`build: bundled musterd and muster in ${Math.round(performance.now() - started)} ms`);
