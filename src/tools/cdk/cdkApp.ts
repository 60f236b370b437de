import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod';
import { messageOf, WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import type { Workspace } from '../workspace';
import { findJsonError } from './jsonError';

/** A CDK app in the workspace: a folder with a `cdk.json`. */
export interface CdkApp {
  /** How people and models name it: the folder relative to the workspace folder, `.` where it is that folder itself. */
  name: string;
  /** Absolute path of the folder, symbolic links resolved. */
  folder: string;
  config: CdkConfig;
}

/**
 * The settings of `cdk.json` that decide how an app is synthesised.
 * Source: https://docs.aws.amazon.com/cdk/v2/guide/cli.html#cli-config
 */
const configSchema = z.object({
  app: z.string().min(1),
  build: z.string().min(1).optional(),
  versionReporting: z.boolean().optional(),
  pathMetadata: z.boolean().optional(),
  assetMetadata: z.boolean().optional(),
});

export type CdkConfig = z.output<typeof configSchema>;

const configFile = 'cdk.json';
const maxConfigBytes = 4 * 1024 * 1024;

/** Folders that hold what was installed or built: a `cdk.json` in there is a copy, or another product's. */
const skippedFolders = new Set([
  'node_modules',
  'cdk.out',
  'dist',
  'build',
  'out',
  'target',
  'bin',
  'obj',
  'venv',
  '__pycache__',
]);
/** Monorepos keep apps at `packages/<area>/<app>`; looking deeper costs more than it finds. */
const maxDepth = 4;
const maxFolders = 5000;

/**
 * Finds the CDK app that a call means.
 * @param requested folder as the client named it, relative to a workspace folder; `undefined` for the only app there is.
 * @throws WorkbenchError `NotFound` where there is no such app, `InvalidInput` where it is not clear which app is meant,
 * the path leaves the workspace or `cdk.json` cannot be used, `Unsupported` without a local folder.
 */
export async function findCdkApp(
  workspace: Workspace,
  requested: string | undefined,
  signal: AbortSignal,
): Promise<CdkApp> {
  const roots = await realFolders(workspace.folders);
  if (roots.length === 0) {
    throw new WorkbenchError('Unsupported', 'No local folder is open.', {
      remedy: 'Open the folder of the CDK app, then call again.',
    });
  }
  const folder = requested === undefined ? await onlyApp(roots, signal) : await requestedApp(roots, requested);
  return { name: nameOf(roots, folder), folder, config: await readConfig(roots, folder) };
}

async function realFolders(folders: readonly string[]): Promise<string[]> {
  const real: string[] = [];
  for (const folder of folders) {
    try {
      real.push(await fs.realpath(folder));
    } catch {
      // A workspace may list folders that are gone, and those of other file systems.
    }
  }
  return real;
}

async function onlyApp(roots: readonly string[], signal: AbortSignal): Promise<string> {
  const folders = await searchApps(roots, signal);
  const [first] = folders;
  if (first === undefined) {
    throw new WorkbenchError('NotFound', 'The workspace has no CDK app: no folder holds a cdk.json.', {
      remedy: 'Open the folder of the CDK app, or name it in `app` if it lies deeper than four folders.',
    });
  }
  if (folders.length > 1) {
    const names = folders.map((folder) => nameOf(roots, folder));
    const shown = names.slice(0, 10).join(', ') + (names.length > 10 ? ', …' : '');
    throw new WorkbenchError('InvalidInput', `The workspace has ${names.length} CDK apps: ${shown}.`, {
      remedy: 'Pass one of them as `app`.',
    });
  }
  return first;
}

/** Breadth first, so that the limit on folders cuts what is deepest. Symbolic links are not followed: no loops. */
async function searchApps(roots: readonly string[], signal: AbortSignal): Promise<string[]> {
  const apps = new Set<string>();
  let level = [...roots];
  let visited = 0;
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      signal.throwIfAborted();
      if (++visited > maxFolders) return [...apps].sort();
      for (const entry of await entriesOf(folder)) {
        if (entry.name === configFile && !entry.isDirectory()) apps.add(folder);
        if (entry.isDirectory() && !entry.name.startsWith('.') && !skippedFolders.has(entry.name)) {
          next.push(path.join(folder, entry.name));
        }
      }
    }
    level = next;
  }
  return [...apps].sort();
}

async function entriesOf(folder: string) {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch {
    // Not readable for us, so not an app for us.
    return [];
  }
}

async function requestedApp(roots: readonly string[], requested: string): Promise<string> {
  if (requested.includes('\0')) throw outside(requested);
  // In a workspace of several folders the folder's own name leads, as in the editor's explorer.
  const candidates = roots.flatMap((root) => {
    const [first, ...rest] = requested.split(/[\\/]/);
    const below = path.resolve(root, requested);
    return roots.length > 1 && first === path.basename(root) ? [path.join(root, ...rest), below] : [below];
  });
  let isInside = false;
  for (const candidate of candidates) {
    // Checked before the disk is asked, so that no answer tells whether something outside exists.
    if (!roots.some((root) => contains(root, candidate))) continue;
    const real = await fs.realpath(candidate).catch(() => undefined);
    if (real !== undefined && !roots.some((root) => contains(root, real))) throw outside(requested);
    isInside = true;
    if (real !== undefined && (await isFile(path.join(real, configFile)))) return real;
  }
  if (!isInside) throw outside(requested);
  throw new WorkbenchError('NotFound', `There is no CDK app in ${requested}: no cdk.json in that folder.`, {
    remedy: 'Name the folder that holds cdk.json, or leave `app` out to see which apps there are.',
  });
}

function outside(requested: string): WorkbenchError {
  return new WorkbenchError('InvalidInput', `${requested} is not inside the workspace.`, {
    remedy: 'Pass a folder relative to a folder of the workspace.',
  });
}

async function isFile(file: string): Promise<boolean> {
  return fs.stat(file).then(
    (stat) => stat.isFile(),
    () => false,
  );
}

function contains(root: string, candidate: string): boolean {
  const relative = path.relative(root, candidate);
  return relative === '' || (!path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..');
}

function nameOf(roots: readonly string[], folder: string): string {
  const root = roots.filter((candidate) => contains(candidate, folder)).sort((a, b) => b.length - a.length)[0];
  if (root === undefined) return folder;
  const parts = path.relative(root, folder).split(path.sep).filter(Boolean);
  if (roots.length > 1) parts.unshift(path.basename(root));
  return parts.length === 0 ? '.' : parts.join('/');
}

async function readConfig(roots: readonly string[], folder: string): Promise<CdkConfig> {
  const file = path.join(folder, configFile);
  const real = await fs.realpath(file).catch(() => file);
  if (!roots.some((root) => contains(root, real))) throw outside(configFile);
  const name = [nameOf(roots, folder), configFile].filter((part) => part !== '.').join('/');
  const settings = await readJsonObject(file, name);
  if (settings?.['app'] === undefined) {
    throw new WorkbenchError('InvalidInput', `${name} has no \`app\`, so it does not say how to run the CDK app.`, {
      remedy: 'Add `"app": "<command that runs the app>"` to it, or pass the folder of another app.',
    });
  }
  const parsed = configSchema.safeParse(settings);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new WorkbenchError('InvalidInput', `${name} has settings that cannot be used. ${problems}.`, {
      remedy: `Correct the named settings in ${name}.`,
    });
  }
  // The toolkit reads it too, but fails over it with a bare SyntaxError.
  await readJsonObject(path.join(folder, 'cdk.context.json'), name.replace(/cdk\.json$/, 'cdk.context.json'));
  return parsed.data;
}

/** @returns `undefined` where there is no such file. */
async function readJsonObject(file: string, name: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    if ((await fs.stat(file)).size > maxConfigBytes) {
      throw new WorkbenchError('InvalidInput', `${name} is larger than 4 MB.`, { remedy: `Make ${name} smaller.` });
    }
    text = await fs.readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof WorkbenchError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new WorkbenchError('InvalidInput', `${name} cannot be read: ${messageOf(cause)}`, {
      remedy: `Make ${name} readable.`,
      cause,
    });
  }
  if (text.startsWith('\uFEFF')) {
    throw new WorkbenchError(
      'InvalidInput',
      `${name} begins with a byte order mark, which the CDK toolkit cannot read.`,
      {
        remedy: `Save ${name} as UTF-8 without a byte order mark.`,
      },
    );
  }
  const position = findJsonError(text);
  if (position) {
    const { line, column } = position;
    throw new WorkbenchError('InvalidInput', `${name} is not valid JSON: line ${line}, column ${column}.`, {
      remedy: `Correct ${name} at that place.`,
    });
  }
  const value: unknown = JSON.parse(text);
  if (isRecord(value)) return value;
  throw new WorkbenchError('InvalidInput', `${name} must hold a JSON object.`, {
    remedy: `Make the outermost value of ${name} an object.`,
  });
}
