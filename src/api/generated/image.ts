// generated from crds/image.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A root file system that instances are made from, known by the SHA-256 of its file and kept on as many members as Cluster's imagesMinimalReplica says. The sub-resource content is the file itself.
 */
export interface Image {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ImageSpec;
  status?: ImageStatus | undefined;
}
/**
 * The image that you want.
 */
export interface ImageSpec {
  source: ImageSource;
  /**
   * What the file must be, as "sha256:" and 64 hex digits. Any other file is refused. Left out, whatever the file is is taken, and status.digest says what it was.
   */
  digest?: string | undefined;
  /**
   * What can be made of it, container or virtual-machine. Default container.
   */
  type?: ('container' | 'virtual-machine') | undefined;
  /**
   * Whether a newer version of the image is fetched when its source has one. Default false, the only value that this release serves: its sources are files, which have no versions. LXD: auto_update.
   */
  autoUpdate?: boolean | undefined;
  /**
   * A note for people.
   */
  description?: string | undefined;
}
/**
 * Where the image comes from the first time. Afterwards members fetch it from one another.
 */
export interface ImageSource {
  /**
   * The name of a file in the folder "import" of that member's data directory: a unified image tarball with metadata.yaml and rootfs/. No slashes. The file may go once the condition Imported is True.
   */
  file: string;
  /**
   * The name of the Member that has the file.
   */
  member: string;
}
/**
 * What the members and the controllers report.
 */
export interface ImageStatus {
  /**
   * What can be made of it, container or virtual-machine; also where the spec leaves it out.
   */
  type?: ('container' | 'virtual-machine') | undefined;
  /**
   * The SHA-256 of the file, as "sha256:" and 64 hex digits. Set once, when it is imported.
   */
  digest?: string | undefined;
  /**
   * Size of the file, in bytes.
   */
  sizeBytes?: number | undefined;
  /**
   * The architecture that it runs on, from its metadata, such as x86_64.
   */
  architecture?: string | undefined;
  /**
   * When its author made it, from its metadata.
   */
  createdAt?: string | undefined;
  /**
   * The properties in its metadata, such as os, release and description.
   */
  properties?:
    | {
        [k: string]: string;
      }
    | undefined;
  /**
   * The names of the members that the controller chose to keep a copy.
   */
  wantedMembers?: string[] | undefined;
  /**
   * The copy on each member. Each entry is written by that member.
   */
  members?: ImageStatusMember[] | undefined;
  /**
   * Imported is the source member's; Replicated is True when every wanted member has its copy; Ready when at least one has; InUse while instances are made from it. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
/**
 * One member's copy.
 */
export interface ImageStatusMember {
  /**
   * The name of the Member.
   */
  name: string;
  /**
   * Ready: complete and checked. Fetching: being copied from another member. Failed: it could not be had; tried again.
   */
  state: 'Ready' | 'Fetching' | 'Failed';
  /**
   * How far it is, or what went wrong, in one sentence.
   */
  message?: string | undefined;
}
