import { jsonAnswer } from '../http/answer.ts';
import type { PathHandler } from './path-handler.ts';

/** The Kubernetes version whose API is spoken; clients choose their behaviour by it. */
const speaks = { major: '1', minor: '32', version: 'v1.32.0' };

export function createVersionHandler(musterVersion: string): PathHandler {
  const document = {
    major: speaks.major,
    minor: speaks.minor,
    gitVersion: `${speaks.version}+muster-${musterVersion}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
  return ({ url }) => (/^\/version\/?$/.test(url.pathname) ? jsonAnswer(200, document) : undefined);
}
