import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { AssemblyBuilderProps, CachedCloudAssembly, IReadableCloudAssembly, Toolkit } from '@aws-cdk/toolkit-lib';
import { messageOf, WorkbenchError } from '../../core/errors';
import type { ToolContext } from '../tool';
import { appEnvironment, type DefaultEnvironment } from './appEnvironment';
import { appFailure } from './appFailure';
import type { CdkApp } from './cdkApp';
import { CommandLineError, runCommandLine } from './commandLine';
import { KeyedQueue } from './keyedQueue';
import { ProgressIoHost } from './progressIoHost';

/** How an app is synthesised. */
export interface SynthesisOptions {
  /** Context values that go over those of the app's files, like `--context` of the CDK CLI. */
  context: Record<string, string>;
  environment: DefaultEnvironment;
  /** Ids of the stacks whose assets are bundled; `**` for all. */
  bundling: readonly string[];
  /** Whether files that the app deploys are copied into the assembly. */
  stageAssets: boolean;
}

/** A value that the app looks up in an AWS account and that `cdk.context.json` does not have. */
export type MissingContext = NonNullable<IReadableCloudAssembly['cloudAssembly']['manifest']['missing']>[number];

/** A synthesised app, readable until the session ends. */
export interface CdkSession {
  toolkit: Toolkit;
  /** Also a source for the toolkit's actions. */
  assembly: CachedCloudAssembly;
  /** Where it is not empty, the assembly holds dummy values in place of these. */
  missing: readonly MissingContext[];
}

/** Runs of one app wait for each other: many apps compile themselves into their own folder when they run. */
const runs = new KeyedQueue();

/**
 * Checks that the workspace's code may be run.
 * @throws WorkbenchError `PolicyDenied` in a workspace that the user does not trust.
 */
export function checkTrust(context: Pick<ToolContext, 'workspace'>): void {
  if (context.workspace.isTrusted) return;
  throw new WorkbenchError(
    'PolicyDenied',
    'This runs code of the workspace, and the user does not trust the workspace.',
    {
      remedy:
        'Ask the user to trust it: "Workspaces: Manage Workspace Trust" in the editor, `--trust` on the command line.',
    },
  );
}

/**
 * Synthesises an app and hands the result to `use`. However that ends, the app's processes have ended, the toolkit's lock
 * is released and the output is removed when this resolves or rejects.
 *
 * The output goes to a new private folder among the temporary files. `cdk.out` of the project belongs to the user: a `cdk watch` or
 * `cdk deploy` of theirs holds its lock, and what they have deployed from it must not change under them. No credentials are used:
 * lookups are off, and the toolkit has none.
 * @throws WorkbenchError `PolicyDenied` without trust, `InvalidInput` where the app fails, `Unsupported` where the app's
 * CDK is newer than the toolkit; the reason of `context.signal` when that fired.
 */
export async function withSynthesizedApp<T>(
  app: CdkApp,
  options: SynthesisOptions,
  context: ToolContext,
  use: (session: CdkSession) => Promise<T>,
): Promise<T> {
  checkTrust(context);
  const ioHost = new ProgressIoHost(context);
  ioHost.step(`Waiting for the CDK app in ${app.name}`);
  return runs.run(app.folder, context.signal, async () => {
    // Trust may have been taken back while this call waited for its turn.
    checkTrust(context);
    const scratchFolder = await fs.mkdtemp(path.join(await fs.realpath(os.tmpdir()), 'mcp-workbench-cdk-'));
    try {
      return await useAssembly(app, options, context, ioHost, scratchFolder, use);
    } finally {
      await fs.rm(scratchFolder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

async function useAssembly<T>(
  app: CdkApp,
  options: SynthesisOptions,
  context: ToolContext,
  ioHost: ProgressIoHost,
  scratchFolder: string,
  use: (session: CdkSession) => Promise<T>,
): Promise<T> {
  const { Toolkit, BaseCredentials, CachedCloudAssembly } = await import('@aws-cdk/toolkit-lib');
  const toolkit = new Toolkit({
    ioHost,
    color: false,
    emojis: false,
    sdkConfig: { baseCredentials: BaseCredentials.none() },
  });
  const produced = await produce(toolkit, app, options, context, ioHost, scratchFolder);
  const assembly = new CachedCloudAssembly(produced);
  try {
    context.signal.throwIfAborted();
    return await use({ toolkit, assembly, missing: assembly.cloudAssembly.manifest.missing ?? [] });
  } finally {
    await assembly.dispose();
  }
}

async function produce(
  toolkit: Toolkit,
  app: CdkApp,
  options: SynthesisOptions,
  context: ToolContext,
  ioHost: ProgressIoHost,
  scratchFolder: string,
): Promise<IReadableCloudAssembly> {
  const { CdkAppMultiContext, ToolkitError } = await import('@aws-cdk/toolkit-lib');
  const { signal } = context;
  // `app` may name a folder that already holds an assembly, as for the CDK CLI.
  const existing = await existingAssembly(app);
  const outdir = existing ?? path.join(scratchFolder, 'cdk.out');
  const fromFolder = async (): Promise<IReadableCloudAssembly> => {
    const source = await toolkit.fromAssemblyDirectory(outdir, { failOnMissingContext: false });
    return source.produce();
  };
  let appError: unknown;
  const runApp = async (props: AssemblyBuilderProps) => {
    try {
      await runCdkApp(app, options, props, ioHost, scratchFolder, signal);
    } catch (error) {
      appError = error;
      throw error;
    }
    return { directory: outdir };
  };
  try {
    if (existing !== undefined) return await fromFolder();
    const { versionReporting, pathMetadata, assetMetadata } = app.config;
    const source = await toolkit.fromAssemblyBuilder(runApp, {
      outdir,
      disposeOutdir: false,
      clobberEnv: false,
      lookups: false,
      resolveDefaultEnvironment: false,
      contextStore: new CdkAppMultiContext(app.folder, options.context),
      synthOptions: {
        ...(versionReporting === undefined ? {} : { versionReporting }),
        ...(pathMetadata === undefined ? {} : { pathMetadata }),
        ...(assetMetadata === undefined ? {} : { assetMetadata }),
      },
    });
    return await source.produce();
  } catch (error) {
    signal.throwIfAborted();
    if (ToolkitError.isContextLookupsDisabledError(error)) return fromFolder();
    if (appError instanceof CommandLineError) throw appFailure(app, appError);
    if (error instanceof WorkbenchError) throw error;
    throw assemblyFailure(app, error);
  }
}

async function existingAssembly(app: CdkApp): Promise<string | undefined> {
  const folder = path.resolve(app.folder, app.config.app);
  const isFolder = await fs.stat(folder).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
  return isFolder ? folder : undefined;
}

async function runCdkApp(
  app: CdkApp,
  options: SynthesisOptions,
  props: AssemblyBuilderProps,
  ioHost: ProgressIoHost,
  scratchFolder: string,
  signal: AbortSignal,
): Promise<void> {
  const fullContext = {
    ...props.context,
    'aws:cdk:bundling-stacks': options.bundling,
    ...(options.stageAssets ? {} : { 'aws:cdk:disable-asset-staging': true }),
  };
  const env = await appEnvironment(props.env, fullContext, options.environment, scratchFolder);
  const run = (commandLine: string) =>
    runCommandLine(commandLine, { cwd: app.folder, env, signal, onLine: (line) => ioHost.line(line) });
  if (app.config.build !== undefined) {
    ioHost.step(`Building the CDK app in ${app.name}`);
    await run(app.config.build);
  }
  ioHost.step(`Synthesising the CDK app in ${app.name}`);
  await run(await asCommandLine(app));
  ioHost.step('Reading the cloud assembly');
}

/** A script alone is a command for the CDK CLI, which then runs it by Node.js. */
async function asCommandLine(app: CdkApp): Promise<string> {
  const commandLine = app.config.app.trim();
  if (!commandLine.endsWith('.js') || commandLine.includes('"')) return commandLine;
  const isScript = await fs.stat(path.resolve(app.folder, commandLine)).then(
    (stat) => stat.isFile(),
    () => false,
  );
  return isScript ? `node "${commandLine}"` : commandLine;
}

function assemblyFailure(app: CdkApp, error: unknown): WorkbenchError {
  const message = messageOf(error);
  if (/not compatible|version mismatch/i.test(message)) {
    return new WorkbenchError(
      'Unsupported',
      `The CDK version of the app in ${app.name} is newer than ours: ${message}`,
      {
        remedy: 'Update MCP Workbench for AWS, or use an older aws-cdk-lib in the app.',
        cause: error,
      },
    );
  }
  if (/manifest\.json/.test(message)) {
    return new WorkbenchError('InvalidInput', `The app in ${app.name} ended well but wrote no cloud assembly.`, {
      remedy: 'Let the app create an `App` and call `synth()` on it, or correct `app` in its cdk.json.',
      cause: error,
    });
  }
  return new WorkbenchError('InvalidInput', `The output of the app in ${app.name} cannot be read: ${message}`, {
    remedy: 'Run `cdk synth` in that folder; it shows the same.',
    cause: error,
  });
}
