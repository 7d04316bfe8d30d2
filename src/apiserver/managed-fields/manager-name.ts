const maxManagerBytes = 128;

/** Clients that do not say who they are, are called after their program: `kubectl/v1.32.3 (linux)` is kubectl. */
export function managerOfUserAgent(userAgent = ''): string {
  const [program = ''] = userAgent.split('/');
  const printable = program.replace(/[^\x20-\x7e\u00a1-\uffff]/gu, '').slice(0, maxManagerBytes);
  return printable === '' ? 'unknown' : printable;
}
