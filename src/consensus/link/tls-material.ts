export interface TlsMaterial {
  readonly certPem: string;
  readonly keyPem: string;
}
