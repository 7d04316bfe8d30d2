// generated from crds/placement-group.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A rule for how instances that belong together are distributed over the members. Instances name the group in spec.placement.placementGroup. It decides where an instance starts; changing it moves nothing.
 */
export interface PlacementGroup {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: PlacementGroupSpec;
  status?: PlacementGroupStatus | undefined;
}
/**
 * The rule.
 */
export interface PlacementGroupSpec {
  /**
   * spread: on as many members as possible. compact: all on one member. LXD: policy.
   */
  policy: 'spread' | 'compact';
  /**
   * What happens when the policy cannot be kept. strict: the instance is not placed and says so in its Placed condition; with spread that means at most one instance a member. permissive: the next best member is taken. Stopped instances count as well. LXD: rigor.
   */
  rigor: 'strict' | 'permissive';
  /**
   * A note for people.
   */
  description?: string | undefined;
}
/**
 * What the controllers report.
 */
export interface PlacementGroupStatus {
  /**
   * The names of the instances that name the group, in alphabetical order.
   */
  usedBy?: string[] | undefined;
  /**
   * How many instances of the group are on each member; members without one are left out.
   */
  memberCounts?: PlacementGroupStatusMemberCount[] | undefined;
  /**
   * InUse is True while an instance or a profile names the group; it cannot go before that ends. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
/**
 * One member's share.
 */
export interface PlacementGroupStatusMemberCount {
  /**
   * The name of the Member.
   */
  member: string;
  /**
   * How many instances of the group are placed there, running or not.
   */
  count: number;
}
