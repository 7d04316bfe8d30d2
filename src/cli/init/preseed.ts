/** `lxd init --preseed`, field by field. Everything is optional in the file; what is absent here was absent there. */
export interface Preseed {
  readonly config: Readonly<Record<string, string>>;
  readonly networks: readonly PreseedNetwork[];
  readonly storagePools: readonly PreseedPool[];
  readonly profiles: readonly PreseedProfile[];
  readonly projects: readonly PreseedProject[];
  readonly cluster?: PreseedCluster;
}

interface Named {
  readonly name: string;
  readonly description?: string;
  readonly config: Readonly<Record<string, string>>;
}

export interface PreseedNetwork extends Named {
  readonly type: string;
}

export interface PreseedPool extends Named {
  readonly driver: string;
}

export interface PreseedProfile extends Named {
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type PreseedProject = Named;

export interface PreseedCluster {
  readonly enabled: boolean;
  readonly serverName?: string;
  readonly serverAddress?: string;
  readonly clusterAddress?: string;
  readonly clusterToken?: string;
  /** The trust password; the certificate says whom it may be sent to. */
  readonly clusterPassword?: string;
  /** PEM, or a file with it. */
  readonly clusterCertificate?: string;
  readonly clusterCertificatePath?: string;
  readonly memberConfig: readonly PreseedMemberConfig[];
}

export interface PreseedMemberConfig {
  readonly entity: string;
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

export const emptyPreseed: Preseed = {
  config: {},
  networks: [],
  storagePools: [],
  profiles: [],
  projects: [],
};
