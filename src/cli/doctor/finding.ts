/** What one look has found; `help` is there when something should be done. */
export interface Finding {
  readonly subject: string;
  readonly state: 'bad' | 'good' | 'unknown' | 'warning';
  readonly message: string;
  readonly help?: string;
}

export const good = (subject: string, message: string): Finding => ({ subject, state: 'good', message });

export const warning = (subject: string, message: string, help: string): Finding => ({
  subject,
  state: 'warning',
  message,
  help,
});

export const bad = (subject: string, message: string, help: string): Finding => ({
  subject,
  state: 'bad',
  message,
  help,
});

const marks: Readonly<Record<Finding['state'], string>> = {
  bad: 'FAIL',
  good: 'ok',
  unknown: '?',
  warning: 'WARN',
};

/** One line a finding, and what to do below it. */
export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map(({ subject }) => subject.length));
  return findings
    .map(({ subject, state, message, help }) => {
      const line = `${marks[state].padEnd(4)}  ${subject.padEnd(width)}  ${message}\n`;
      return help === undefined ? line : `${line}${' '.repeat(width + 8)}-> ${help}\n`;
    })
    .join('');
}
