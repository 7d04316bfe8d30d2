import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.join(import.meta.dirname, '..');
const c8 = path.join(root, 'node_modules', 'c8', 'bin', 'c8.js');
const leastCoveredPercent = 90;
const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');

interface Level {
  readonly name: string;
  readonly what: string;
  readonly timeoutMs: number;
  /** Folders whose lines have to be covered: where a wrong decision costs data. */
  readonly covered?: readonly string[];
  /** Folders of `test/` beside the one that the level is called after. */
  readonly folders?: readonly string[];
}

/** From fast to slow: what a lower level finds need not be searched for in a higher one. */
const levels: readonly Level[] = [
  { name: 'unit', what: 'decisions, formats', timeoutMs: 2_000, covered: ['src/reconcilers'] },
  {
    name: 'integration',
    what: 'real store, API server and kubectl',
    timeoutMs: 30_000,
    folders: ['apiserver'],
  },
  { name: 'host', what: 'real containers, networks and disks', timeoutMs: 60_000 },
  { name: 'cluster', what: 'several members in network namespaces', timeoutMs: 180_000 },
  { name: 'consensus', what: 'the proof of the store: members under faults', timeoutMs: 240_000 },
];

/** No level takes a third of this; whoever waits for us should hear of what hangs, and not give up on us. */
const levelLimitMs = 25 * 60_000;
/** After its last line a runner only has to end. Until then it may still hold what a test has left. */
const endGraceMs = 20_000;
const closingLine = /^(\d+) passed, (\d+) failed$/m;

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.filter((name) => !levels.some((level) => level.name === name));
if (unknown.length > 0) {
  console.error(
    `test: no level "${unknown.join('", "')}"; there are: ${levels.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
if (process.getuid?.() !== 0) {
  console.error('test: containers and network namespaces need root: sudo npm test');
  process.exit(2);
}

const chosen = levels.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const tallies: Tally[] = [];
for (const level of chosen) {
  console.log(`\n${level.name}: ${level.what}`);
  const started = performance.now();
  tallies.push(await runLevel(level));
  console.log(`${level.name} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function runLevel(level: Level): Promise<Tally> {
  const folders = [level.name, ...(level.folders ?? [])];
  const args = [
    ...folders.flatMap((folder) => ['--spec', `test/${folder}/**/*.test.ts`]),
    '--timeout',
    String(level.timeoutMs),
    '--reporter',
    'test/support/reporter.ts',
  ];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...coverageOf(level), mocha, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    let hung: string | undefined;
    const giveUp = (why: string): void => {
      hung = why;
      // Not SIGTERM: a thread that spins below Node keeps a process from ending in order.
      child.kill('SIGKILL');
    };
    const limit = setTimeout(giveUp, levelLimitMs, `had not ended after ${levelLimitMs / 60_000} minutes`);
    let grace: NodeJS.Timeout | undefined;
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      output = (output + chunk.toString()).slice(-4_000);
      if (closingLine.test(output))
        grace ??= setTimeout(giveUp, endGraceMs, 'did not end after its last test: something is left open');
    });
    // What a killed runner leaves behind may hold its pipe open.
    child.on('exit', () => setTimeout(() => child.stdout.destroy(), 2_000).unref());
    child.on('close', (code) => {
      clearTimeout(limit);
      clearTimeout(grace);
      if (hung !== undefined) console.error(`test: the runner of level ${level.name} ${hung}`);
      const counts = closingLine.exec(output);
      const tally = { passed: Number(counts?.[1] ?? 0), failed: Number(counts?.[2] ?? 0) };
      // A runner that died before its last line has failed, whatever it counted.
      resolve(code === 0 || tally.failed > 0 ? tally : { ...tally, failed: tally.failed + 1 });
    });
  });
}

function coverageOf({ covered = [] }: Level): string[] {
  if (covered.length === 0) return [];
  const include = covered.map((folder) => `--include=${folder}/**/*.ts`);
  return [c8, '--check-coverage', `--lines=${leastCoveredPercent}`, '--reporter=text-summary', ...include];
}
