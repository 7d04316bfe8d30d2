import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { tryCommand } from './lab/run-command.ts';

const root = path.join(import.meta.dirname, '..');
const bin = (name: string) => path.join(root, 'node_modules', '.bin', name);

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly verify?: (stdout: string) => Promise<string | undefined>;
}

const checks: readonly Check[] = [
  { name: 'types', command: [bin('tsc')] },
  { name: 'generated files', command: [process.execPath, 'scripts/generate.ts', '--check'] },
  { name: 'lint', command: [bin('eslint'), '.', '--quiet'] },
  {
    name: 'import rules',
    command: [bin('depcruise'), 'src', '--config', '.dependency-cruiser.js', '--output-type', 'err-long'],
    verify: verifyCruised,
  },
  { name: 'unused code', command: [bin('knip')] },
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
];

/** A cruiser that does not understand the compiler sees few modules and reports success: count them. */
async function verifyCruised(stdout: string): Promise<string | undefined> {
  const cruised = Number(/\((\d+) modules/.exec(stdout)?.[1] ?? 0);
  const files = (await readdir(path.join(root, 'src'), { recursive: true })).filter((file) =>
    file.endsWith('.ts'),
  );
  return cruised >= files.length
    ? undefined
    : `only ${cruised} modules of ${files.length} files were looked at`;
}

async function runCheck({ name, command, verify }: Check): Promise<boolean> {
  const started = performance.now();
  const [program, ...args] = command;
  const result = await tryCommand(program, args, { timeoutMs: 600_000 });
  const problem =
    result.code === 0 ? await verify?.(result.stdout) : `${result.stdout}${result.stderr}`.trim();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (problem !== undefined) console.log(problem);
  return problem === undefined;
}

const results: boolean[] = [];
for (const check of checks) results.push(await runCheck(check));
const failed = results.filter((passed) => !passed).length;
console.log(failed === 0 ? 'check: all passed' : `check: ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
