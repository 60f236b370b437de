/** Which files of a workspace are wanted, in a form that a glob and a walk over folders can both answer. */
export interface FileInterest {
  /** Whole names, e.g. `cdk.json`. */
  names: readonly string[];
  /** Ends of names, e.g. `.tf`. */
  endings: readonly string[];
}

/**
 * The files of a workspace, as far as toolsets are chosen by them. The editor answers by its own search, the CLI by a
 * walk over the folders.
 */
export interface WorkspaceFiles {
  /**
   * Paths of the files that are wanted, those nearest to a workspace folder first where there are more than `limit`.
   * What was installed or built (`node_modules`, `cdk.out`) is left out.
   */
  find(interest: FileInterest, limit: number, signal: AbortSignal): Promise<string[]>;
  /** The first `maxBytes` of a file as text, `undefined` where it cannot be read. */
  readStart(path: string, maxBytes: number, signal: AbortSignal): Promise<string | undefined>;
}

/** Folders that hold what was installed or built, so that files in there say nothing of the workspace. */
export const skippedFolders: readonly string[] = [
  'node_modules',
  'cdk.out',
  '.aws-sam',
  '.serverless',
  '.terraform',
  'dist',
  'build',
  'out',
  'target',
  'venv',
  '__pycache__',
];

/** `FileInterest` as a glob of the editor, e.g. `{cdk.json,*.tf}` in any folder. */
export function toGlob({ names, endings }: FileInterest): string {
  return `**/{${[...names, ...endings.map((ending) => `*${ending}`)].join(',')}}`;
}

/** `skippedFolders` as a glob of the editor. */
export const skippedGlob = `**/{${skippedFolders.join(',')}}/**`;
