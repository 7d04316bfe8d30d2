import { findCondition } from '../../api/conditions.ts';
import type { Cluster } from '../../api/generated/cluster.ts';
import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import { settled, type Step } from '../step.ts';

export interface CertificatesDeps {
  readonly listMembers: () => readonly Member[];
}

// What each member says of what it shows; the condition of the Cluster sums it up.
const memberConditions = ['CertificateValid', 'APICertificateValid'] as const;

/** In one place what somebody has to look after before it expires. */
export const certificates: Step<Draft<Cluster>, CertificatesDeps> = {
  condition: 'CertificatesValid',
  run(_cluster, { listMembers }) {
    const told = listMembers().flatMap(({ metadata, status }) =>
      memberConditions.flatMap((type) => {
        const condition = findCondition(status, type);
        return condition?.status === 'False' ? [{ member: metadata.name, ...condition }] : [];
      }),
    );
    const [first] = told;
    if (first === undefined) return settled;
    // Members that show the same certificate say the same.
    const messages = new Map<string, readonly string[]>();
    for (const { member, message } of told) messages.set(message, [...(messages.get(message) ?? []), member]);
    const message = [...messages].map(([text, members]) => `${members.join(', ')}: ${text}`).join('; ');
    return { kind: 'blocked', reason: first.reason, message };
  },
};
