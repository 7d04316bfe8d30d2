import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
const bundled = path.join(root, 'build', 'bin', 'musterd');
const source = path.join(root, 'src', 'daemon', 'main.ts');

/** musterd as it is in the sources, with arguments of Node before it. */
export function musterdFromSource(nodeArguments: readonly string[] = []): readonly string[] {
  return [process.execPath, ...nodeArguments, source];
}

/**
 * musterd as it ships, as long as that is what the sources say; the sources themselves when one of them
 * is newer, so that a test never runs yesterday's code. `MUSTER_FROM=src` or `=build` decides instead.
 */
export function musterdProgram(): readonly string[] {
  const wanted = process.env['MUSTER_FROM'] ?? (isUpToDate() ? 'build' : 'src');
  if (wanted !== 'src' && wanted !== 'build')
    throw new Error(`MUSTER_FROM has to be "src" or "build", not "${wanted}"`);
  return wanted === 'build' ? [bundled] : musterdFromSource();
}

function isUpToDate(): boolean {
  if (!existsSync(bundled)) return false;
  const places = ['src', 'package-lock.json', 'scripts/build.ts'];
  return execFileSync('find', [...places, '-newer', bundled, '-print', '-quit'], { cwd: root }).length === 0;
}
