/** What one instance backend implements. Deciding what to do is `plan.ts`; drivers look and act. */
export interface InstanceDriver {
  readonly name: 'lxc';

  /** Everything of ours on this host, also what was made only in part. */
  list(signal: AbortSignal): Promise<readonly string[]>;

  /** Cheap enough for every second while nothing changes. Absence is `undefined`. */
  observe(name: string, signal: AbortSignal): Promise<InstanceObservation | undefined>;

  /** What a running instance has on its interfaces now, loopback left out. Empty when it does not run. */
  readAddresses(name: string, signal: AbortSignal): Promise<readonly InstanceAddress[]>;

  /** Does one step. A step that is already done succeeds and changes nothing. */
  apply(step: InstanceStep, signal: AbortSignal): Promise<void>;

  /** Calls back with the name of each instance whose first process ended, within about a second. */
  watchExits(onExit: (name: string) => void, signal: AbortSignal): void;
}

export type InstanceStep =
  /** Writes down what the instance is. Takes effect at its next start. */
  | { readonly action: 'define'; readonly spec: InstanceSpec }
  /** Resolves when its first process runs; it stays up when this process ends. */
  | { readonly action: 'start'; readonly name: string }
  /** Asks it to shut down, and does not wait. */
  | { readonly action: 'requestStop'; readonly name: string }
  | { readonly action: 'kill'; readonly name: string }
  /** Leaves no process, mount, interface, cgroup or file. Refuses a running instance as `InUse`. */
  | { readonly action: 'delete'; readonly name: string };

export interface InstanceSpec {
  /** Unique on this host: see `instanceHostName`. */
  readonly name: string;
  readonly uid: string;
  /** Rises with each placement; a host never starts an instance for an epoch older than it has seen. */
  readonly epoch: number;
  readonly hostname: string;
  /** Absolute path of the root file system. */
  readonly rootfs: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limits: InstanceLimits;
  readonly nics: readonly NicSpec[];
}

export interface InstanceLimits {
  /** In processors; may be a fraction. */
  readonly cpuCount?: number;
  readonly memoryBytes?: number;
}

export interface NicSpec {
  /** Name inside the instance. */
  readonly name: string;
  /** Name of the host's end, at most 15 characters. */
  readonly hostName: string;
  readonly bridge: string;
  readonly hwaddr: string;
  readonly mtu?: number;
}

export interface InstanceObservation {
  readonly name: string;
  readonly uid: string;
  readonly epoch: number;
  /** Absent, with an empty uid, when its making was cut off before it was written down. */
  readonly spec?: InstanceSpec;
  /** `Changing` is a moment: between the first process and the end of its supervisor, or in a reboot. */
  readonly state: 'Changing' | 'Running' | 'Stopped';
  readonly pid?: number;
  /** Of the last start, also when it has ended since. Absent when never started since this host booted. */
  readonly startedAtMs?: number;
  /** Set by `requestStop`, cleared by `start`. */
  readonly stopRequestedAtMs?: number;
  /** It runs with a definition that is older than the one written down. */
  readonly isOutdated: boolean;
}

export interface InstanceAddress {
  readonly interface: string;
  readonly family: 'inet' | 'inet6';
  readonly address: string;
}
