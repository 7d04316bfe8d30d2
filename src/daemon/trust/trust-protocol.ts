export const trustPath = '/muster/v1/trust';

/** What a host sends that knows the password; it has made sure before that this is the cluster. */
export interface TrustRequest {
  readonly name: string;
  readonly password: string;
}

export interface TrustAnswer {
  /** As "muster cluster add" prints it. */
  readonly token: string;
}
