import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AuditOptions } from '../../apiserver/audit/audit-log.ts';
import { parseAuditPolicy } from '../../apiserver/audit/parse-audit-policy.ts';
import { isMissing } from '../config.ts';
import type { DataDir } from '../data-dir.ts';
import { OperatorError } from '../operator-error.ts';

const mebibyte = 1024 * 1024;

/** The log of who changed what, in the data directory; `audit-policy.yaml` beside it says otherwise where it is there. */
export async function describeAudit({ root }: Pick<DataDir, 'root'>): Promise<AuditOptions> {
  const options = { path: path.join(root, 'audit', 'audit.log'), maxBytes: 10 * mebibyte, maxBackups: 5 };
  const file = path.join(root, 'audit-policy.yaml');
  try {
    return { ...options, policy: parseAuditPolicy(await readFile(file, 'utf8'), file) };
  } catch (error) {
    if (isMissing(error)) return options;
    throw new OperatorError(`cannot use the audit policy ${file}`, { cause: error });
  }
}
