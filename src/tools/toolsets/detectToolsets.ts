import { toolsets, type Toolset } from '../tool';
import type { FileInterest, WorkspaceFiles } from './workspaceFiles';

/** What kind of project a file shows. */
export type ProjectKind = 'cdk' | 'cloudformation' | 'sam' | 'serverless' | 'terraform';

/** Why toolsets were chosen: one file for each kind of project. */
export interface ProjectSign {
  kind: ProjectKind;
  /** As `WorkspaceFiles.find` gave it. */
  file: string;
}

/** What the files of a workspace say about which toolsets are of use. */
export interface Detection {
  toolsets: readonly Toolset[];
  /** Empty where nothing of AWS was found; then all toolsets but those for a kind of project are of use. */
  signs: readonly ProjectSign[];
}

/** Toolsets that are of use in every workspace. */
const always: readonly Toolset[] = ['aws'];

/** Toolsets that need nothing in the workspace to work on. */
const withoutProject: readonly Toolset[] = toolsets.filter((toolset) => toolset !== 'cdk');

const byKind: Readonly<Record<ProjectKind, readonly Toolset[]>> = {
  cdk: ['cdk', 'cloudformation', 'lambda', 's3'],
  cloudformation: ['cloudformation', 'lambda', 's3'],
  sam: ['cloudformation', 'lambda', 's3'],
  serverless: ['cloudformation', 'lambda', 's3'],
  terraform: ['lambda', 's3'],
};

/** Files whose name says it all. */
const telling: FileInterest = {
  names: [
    'cdk.json',
    'samconfig.toml',
    'samconfig.yaml',
    'samconfig.yml',
    'serverless.yml',
    'serverless.yaml',
    'serverless.json',
    'serverless.ts',
    'serverless.js',
  ],
  endings: ['.tf', '.tf.json'],
};

/** Files that may be templates; what is in them tells. */
const possibleTemplates: FileInterest = { names: [], endings: ['.yaml', '.yml', '.json', '.template'] };

/** Files whose coming and going can change what is detected. */
export const watchedFiles: FileInterest = {
  names: telling.names,
  endings: [...telling.endings, ...possibleTemplates.endings],
};

const maxTellingFiles = 200;
const maxPossibleTemplates = 400;
/** Of so many files the beginning is read. */
const maxSniffed = 60;
const sniffBytes = 16 * 1024;

/** Names under which people keep templates, so that these are looked into first. */
const likelyTemplate = /(?:template|stack|cloudformation|cfn|infra|sam)[^/\\]*$/i;

/** Configuration of tools, which is JSON or YAML and never a template. */
const neverTemplate =
  /(?:^|[/\\])(?:package(?:-lock)?|tsconfig[^/\\]*|composer|pnpm-lock|pnpm-workspace|docker-compose[^/\\]*|\.[^/\\]*)\.(?:json|ya?ml)$/i;

/**
 * Finds out from the files of a workspace which toolsets are of use in it. Reads a bounded number of files, and only
 * their beginnings; runs nothing.
 */
export async function detectToolsets(files: WorkspaceFiles, signal: AbortSignal): Promise<Detection> {
  const signs = new Map<ProjectKind, string>();
  for (const file of await files.find(telling, maxTellingFiles, signal)) {
    const kind = kindOfName(file);
    if (!signs.has(kind)) signs.set(kind, file);
  }
  // Templates in a CDK app or beside a SAM configuration would add nothing.
  if (!signs.has('cdk') && !signs.has('sam')) await sniffTemplates(files, signs, signal);
  const found = new Set<Toolset>(signs.size === 0 ? withoutProject : always);
  for (const kind of signs.keys()) for (const toolset of byKind[kind]) found.add(toolset);
  return {
    toolsets: toolsets.filter((toolset) => found.has(toolset)),
    signs: [...signs].map(([kind, file]) => ({ kind, file })),
  };
}

function kindOfName(file: string): ProjectKind {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  if (name === 'cdk.json') return 'cdk';
  if (name.startsWith('samconfig.')) return 'sam';
  return name.startsWith('serverless.') ? 'serverless' : 'terraform';
}

async function sniffTemplates(
  files: WorkspaceFiles,
  signs: Map<ProjectKind, string>,
  signal: AbortSignal,
): Promise<void> {
  const candidates = (await files.find(possibleTemplates, maxPossibleTemplates, signal)).filter(
    (file) => !neverTemplate.test(file),
  );
  const likely = candidates.filter((file) => likelyTemplate.test(file));
  const others = candidates.filter((file) => !likelyTemplate.test(file));
  for (const file of [...likely, ...others].slice(0, maxSniffed)) {
    const kind = templateKind((await files.readStart(file, sniffBytes, signal)) ?? '');
    if (kind && !signs.has(kind)) signs.set(kind, file);
    // Both kinds mean the same toolsets.
    if (kind) return;
  }
}

/** Whether a text is the beginning of a CloudFormation or SAM template. */
export function templateKind(start: string): 'cloudformation' | 'sam' | undefined {
  if (/["']?Transform["']?\s{0,9}:[^]{0,99}AWS::Serverless-/.test(start)) return 'sam';
  if (/(?:^|[{,])\s{0,9}["']?AWSTemplateFormatVersion["']?\s{0,9}:/m.test(start)) return 'cloudformation';
  const hasResources = /(?:^|[{,])\s{0,9}["']?Resources["']?\s{0,9}:/m.test(start);
  return hasResources && /["']?Type["']?\s{0,9}:\s{0,9}["']?(?:AWS|Custom|Alexa)::\w+/.test(start)
    ? 'cloudformation'
    : undefined;
}
