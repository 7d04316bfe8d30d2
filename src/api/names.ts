/** Keeps an Instance until its member has nothing of it left. */
export const instanceFinalizer = 'muster.dev/instance';
/** Keeps a Member until it is out of the database. */
export const memberFinalizer = 'muster.dev/member';
/** Keeps an object while another one refers to it or a member still holds a part of it. */
export const inUseFinalizer = 'muster.dev/in-use';

/** `true` on a Member that is deleted: it goes together with what only it has. */
export const forceRemovalAnnotation = 'muster.dev/force-removal';
/** On a Member: the name that it shall have. The member itself carries it out. */
export const renameAnnotation = 'muster.dev/rename-to';

/** Says on an object of ours which manifest file it comes from. */
export const manifestAnnotation = 'muster.dev/manifest';
/** Says on an object by whom it is kept up to date; `managedByMuster` when it is us. */
export const managedByLabel = 'app.kubernetes.io/managed-by';
export const managedByMuster = 'muster';

/** Where users' objects live when they name no namespace. */
export const defaultNamespace = 'default';
/** Where ours live: join tokens, manifest inventories, leases. */
export const systemNamespace = 'muster-system';

/** The one Cluster object. */
export const clusterName = 'cluster';
/** The ClusterGroup of members that name none. */
export const defaultClusterGroup = 'default';
/** The Profile of instances that name none. */
export const defaultProfile = 'default';

/** `reportingComponent` of Events. */
export const controllerComponent = 'muster-controller';
export const agentComponent = 'muster-agent';

/** The name by which members ask one another for the certificate of the cluster's own authority. */
export const memberServerName = 'member.muster.internal';

/** Groups of client certificates. */
export const membersGroup = 'system:members';
/** Controllers, and what else of a member speaks for the whole cluster. */
export const controllersGroup = 'system:controllers';
export const mastersGroup = 'system:masters';
