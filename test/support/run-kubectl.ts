import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestTls } from './api-server.ts';

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Kubectl {
  /** `input` goes to the standard input, for `-f -`. */
  run(args: readonly string[], input?: string, env?: Record<string, string>): Promise<KubectlResult>;
}

const binaries = join(import.meta.dirname, '../../build/bin');
const timeoutMs = 20_000;

/** The real kubectl, with a kubeconfig and a cache of its own in `folder`; `program` may name an older one. */
export function createKubectl(folder: string, url: string, tls: TestTls, program = 'kubectl'): Kubectl {
  const kubeconfig = writeKubeconfig(folder, url, tls);
  return createClient(program, folder, [
    ...['--kubeconfig', kubeconfig],
    ...['--cache-dir', join(folder, `cache-${program}`)],
  ]);
}

/** Answers the name of the file. */
export function writeKubeconfig(folder: string, url: string, tls: TestTls): string {
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(buildKubeconfig(url, tls)), { mode: 0o600 });
  return kubeconfig;
}

/** Any program of build/bin, such as helm, at home in `folder`. */
export function createClient(program: string, folder: string, fixed: readonly string[]): Kubectl {
  const binary = join(binaries, program);
  if (!existsSync(binary)) throw new Error(`${binary} is missing: "sh scripts/setup tests" fetches it`);
  return {
    run: (args, input = '', env = {}) =>
      new Promise((resolve) => {
        const options = { timeout: timeoutMs, env: { PATH: process.env['PATH'], HOME: folder, ...env } };
        const child = execFile(binary, [...fixed, ...args], options, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
          resolve({ code, stdout, stderr });
        });
        child.stdin?.end(input);
      }),
  };
}

function buildKubeconfig(url: string, { caPem, certPem, keyPem }: TestTls): object {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const name = 'test';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': encode(caPem) } }],
    users: [
      { name, user: { 'client-certificate-data': encode(certPem), 'client-key-data': encode(keyPem) } },
    ],
  };
}
