import { pino } from 'pino';

/** A structured logger: fields first, then one sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

export type LogLevel = 'debug' | 'error' | 'info' | 'silent' | 'warn';

// Names under which a secret could reach a log line; pino replaces the value at any of these depths.
const secretFields = ['token', 'secret', 'password', 'privateKey', 'key.pem', 'authorization'];

/** Writes JSON lines to standard output, where systemd's journal or a file picks them up. */
export function createLogger(options: { readonly level: LogLevel; readonly name: string }): Logger {
  return pino({
    name: options.name,
    level: options.level,
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  });
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
