import type { LogLevel } from '../../base/logger.ts';
import type { Peer } from '../membership/membership.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export interface TlsMaterial {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What the worker is started with. */
export interface LinkSettings {
  readonly listen: HostPort;
  readonly tls: TlsMaterial;
  readonly selfId: string;
  readonly sockets: LinkSockets;
  readonly peers: readonly Peer[];
}

/** Unix sockets of this member: where forwarded connections go, and where the helper and its dials meet. */
export interface LinkSockets {
  readonly api: string;
  readonly peer: string;
  readonly dial: string;
  readonly engine: string;
}

export type ToWorker =
  { readonly kind: 'peers'; readonly peers: readonly Peer[] } | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'log';
      readonly level: LogLevel & ('debug' | 'warn');
      readonly fields: object;
      readonly message: string;
    };
