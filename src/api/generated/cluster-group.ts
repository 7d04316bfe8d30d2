// generated from crds/cluster-group.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A named set of members, a target for placement: those with a certain disk, a certain CPU, a certain owner. Members say in spec.groups which groups they belong to. Every member starts in the group "default".
 */
export interface ClusterGroup {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: ClusterGroupSpec | undefined;
  status?: ClusterGroupStatus | undefined;
}
/**
 * What you want of this group.
 */
export interface ClusterGroupSpec {
  /**
   * A note for people.
   */
  description?: string | undefined;
}
/**
 * What the controllers report.
 */
export interface ClusterGroupStatus {
  /**
   * InUse is True while a member or an instance names the group. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
