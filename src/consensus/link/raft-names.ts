export interface RaftEnds {
  readonly from: string;
  readonly to: string;
}

const form = /^to-(?<to>\d+)\.from-(?<from>\d+)\.muster$/;

/**
 * The server name under which one member dials another for Raft. Both ids are in it, because the key alone does not
 * tell them: a member whose database began anew has the same key and another id, and what an earlier one of either
 * side still wants to say, or of a cluster that was founded anew since, must not reach the log.
 */
export function formatRaftName({ from, to }: RaftEnds): string {
  return `to-${to}.from-${from}.muster`;
}

export function parseRaftName(name: string | false | null | undefined): RaftEnds | undefined {
  const { from, to } = form.exec(name === false ? '' : (name ?? ''))?.groups ?? {};
  return from === undefined || to === undefined ? undefined : { from, to };
}
