import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { anonymousUser } from '../authn/user.ts';
import type { Answer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import { buildAuditEvent } from './audit-event.ts';
import { type AuditLevel, type AuditPolicy, auditLevelOf } from './audit-policy.ts';
import { defaultAuditPolicy } from './default-audit-policy.ts';
import { type LineFileOptions, createLineFile } from './line-file.ts';

export interface AuditOptions extends LineFileOptions {
  readonly policy?: AuditPolicy;
}

/** Who did what, when, from where, and with which outcome. */
export interface AuditLog {
  levelOf(exchange: Exchange): AuditLevel;
  /** Called once, with the end of the answer. */
  record(exchange: Exchange, code: number, answer: Answer | undefined, receivedMs: number): void;
  close(): Promise<void>;
}

export interface AuditDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dropped: (lines: number) => void;
}

const closeMs = 2_000;

export const noAuditLog: AuditLog = {
  levelOf: () => 'None',
  record: () => undefined,
  close: () => Promise.resolve(),
};

export function createAuditLog(options: AuditOptions, { clock, logger, dropped }: AuditDeps): AuditLog {
  const file = createLineFile(options, { logger, dropped });
  const { policy = defaultAuditPolicy } = options;
  const levelOf = ({ log, info }: Exchange): AuditLevel =>
    auditLevelOf(policy, { user: log.sender ?? anonymousUser, info });
  return {
    levelOf,
    record(exchange, code, answer, receivedMs) {
      const level = levelOf(exchange);
      if (level === 'None') return;
      const event = buildAuditEvent(exchange, {
        ...{ level, code, receivedMs, nowMs: clock.now() },
        ...(answer === undefined ? {} : { contentType: answer.contentType, body: answer.body }),
      });
      file.write(JSON.stringify(event));
    },
    async close() {
      const isFlushed = new AbortController();
      // A disk that hangs must not keep the member from stopping.
      const patience = clock.sleep(closeMs, isFlushed.signal).catch(() => undefined);
      await Promise.race([file.flush(), patience]);
      isFlushed.abort();
    },
  };
}
