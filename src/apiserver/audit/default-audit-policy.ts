import type { AuditPolicy } from './audit-policy.ts';
import { parseAuditPolicy } from './parse-audit-policy.ts';

/** Changes that people make. What members and controllers do follows from them, and would drown them. */
export const defaultAuditPolicy: AuditPolicy = parseAuditPolicy(
  `
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: None
    userGroups: [system:members, system:controllers]
  - level: None
    resources:
      - group: coordination.k8s.io
        resources: [leases]
      - group: ''
        resources: [events]
      - group: events.k8s.io
        resources: [events]
      - group: authorization.k8s.io
        resources: [selfsubjectaccessreviews, selfsubjectrulesreviews]
      - group: authentication.k8s.io
        resources: [selfsubjectreviews]
  - level: Metadata
    verbs: [create, update, patch, delete, deletecollection, post, put]
`,
  'the default policy',
);
