/** Who sends a request. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  /** Tells it apart from an earlier one of the same name. */
  readonly uid?: string;
  /** Further facts, which RBAC does not look at. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const authenticatedGroup = 'system:authenticated';

export const anonymousUser: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
