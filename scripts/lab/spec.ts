import path from 'node:path';

/** A set of test hosts on this machine: each member is a `musterd` in a network namespace of its own. */
export interface LabSpec {
  /** Part of every global name, so that labs stand side by side: at most 7 characters. */
  readonly name: string;
  /** Everything that the members write lives below. */
  readonly directory: string;
  /** Third octet of the lab's own subnet 10.77.x.0/24. */
  readonly subnet: number;
}

export interface LabMember {
  readonly name: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly namespace: string;
  readonly ipAddress: string;
  /** `host:port` of the member's one port. */
  readonly address: string;
}

const firstHostNumber = 10;
const memberPort = 8443;

/** The largest lab that `npm start` offers; tests may use more. */
export const maxDemoMembers = 9;

export function describeMember(spec: LabSpec, index: number): LabMember {
  const name = `n${index}`;
  const ipAddress = `10.77.${spec.subnet}.${firstHostNumber + index}`;
  return {
    name,
    dataDirectory: path.join(spec.directory, name),
    logFile: path.join(spec.directory, `${name}.log`),
    pidFile: path.join(spec.directory, `${name}.pid`),
    namespace: `muster-${spec.name}-${name}`,
    ipAddress,
    address: `${ipAddress}:${memberPort}`,
  };
}

/** Interfaces and namespaces that are the lab's and no member's. */
export function describeHub(spec: LabSpec) {
  return {
    namespace: `muster-${spec.name}-hub`,
    bridge: 'br0',
    hostLink: `ms-${spec.name}`,
    hostAddress: `10.77.${spec.subnet}.1/24`,
    subnet: `10.77.${spec.subnet}.0/24`,
  };
}
