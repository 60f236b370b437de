import type { Event } from '../core/emitter';

/** The workspace that workspace tools act on: the editor's, or the folder the CLI was started in. */
export interface Workspace {
  /** Absolute paths of its folders on the local file system. */
  readonly folders: readonly string[];
  /** Whether the user trusts its code to be run. */
  readonly isTrusted: boolean;
  readonly onDidChange: Event<void>;
}
