/** The address as this host may hold it. */
export interface VirtualAddressSpec {
  readonly address: string;
  readonly interface: string;
  readonly routerId: number;
  /** Of the member, for the other routers' logs. */
  readonly memberName: string;
}

export interface HostLink {
  readonly name: string;
  readonly addresses: readonly { readonly address: string; readonly prefixLength: number }[];
}

/** Holds the address together with the other members' hosts, as long as this one is said to be ready. */
export interface VirtualAddressDriver {
  /** Whether the host has what it needs. */
  isInstalled(): Promise<boolean>;
  listLinks(signal: AbortSignal): Promise<readonly HostLink[]>;
  /** Makes it run with this definition; what runs with it already is left alone. */
  ensure(spec: VirtualAddressSpec, signal: AbortSignal): Promise<void>;
  /** Good for a few seconds: a member that hangs or is gone says nothing any more. */
  sayReady(): Promise<void>;
  sayNotReady(): Promise<void>;
  /** Leaves nothing. */
  remove(signal: AbortSignal): Promise<void>;
}
