export type HostErrorCode =
  'Busy' | 'CommandFailed' | 'InUse' | 'NoSpace' | 'NotFound' | 'NotSupported' | 'Timeout';

/** What is known about the command that failed. */
export interface FailedCommand {
  /** The program and its arguments, for people. */
  readonly command: string;
  /** Absent when a signal ended the command, or when it could not be started. */
  readonly exitCode?: number;
  readonly stderrTail: string;
}

/** An operation on this host failed. Expected absence is a value, not an error. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: HostErrorCode;
  readonly failed: FailedCommand | undefined;

  constructor(
    code: HostErrorCode,
    doing: string,
    options?: ErrorOptions & { readonly failed?: FailedCommand },
  ) {
    super(`[${code}] ${doing}`, options);
    this.code = code;
    this.failed = options?.failed;
  }
}

export function isHostError(error: unknown, ...codes: readonly HostErrorCode[]): error is HostError {
  return error instanceof HostError && (codes.length === 0 || codes.includes(error.code));
}

const systemCodes: Readonly<Record<string, HostErrorCode>> = {
  EBUSY: 'Busy',
  EDQUOT: 'NoSpace',
  EEXIST: 'InUse',
  ENOENT: 'NotFound',
  ENOSPC: 'NoSpace',
  ENOTSUP: 'NotSupported',
  EOPNOTSUPP: 'NotSupported',
};

/** Wraps what a file operation threw. */
export function hostErrorFrom(error: unknown, doing: string): HostError {
  const code = error instanceof HostError ? error.code : systemCodes[systemCodeOf(error) ?? ''];
  return new HostError(code ?? 'CommandFailed', doing, { cause: error });
}

/** The `ENOENT` of an error that Node's own functions threw. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
