import * as path from 'node:path';
import * as z from 'zod';
import type { IReadableCloudAssembly } from '@aws-cdk/toolkit-lib';
import { escapeUnseen } from '../../core/unseen';

/** A stack of a cloud assembly. */
export type StackArtifact = IReadableCloudAssembly['cloudAssembly']['stacks'][number];

/** A stack as the tools return it. */
export const stackSchema = z.object({
  id: z.string().describe('Path of the stack in the app, which CDK tools take.'),
  stackName: z.string().describe('Its name in CloudFormation.'),
  environment: z
    .object({
      account: z.string().optional(),
      region: z.string().optional(),
    })
    .describe('Where it is deployed to; what is absent is decided at deployment.'),
  dependencies: z.array(z.string()).describe('Ids of the stacks that are deployed before it.'),
  tags: z.record(z.string(), z.string()),
  templateFile: z.string().describe('Its template in the cloud assembly.'),
  terminationProtection: z.boolean(),
  annotations: z
    .object({ errors: z.number().int(), warnings: z.number().int(), infos: z.number().int() })
    .describe('How many messages its constructs carry; cdk_synth_stack returns them.'),
});

export type StackSummary = z.output<typeof stackSchema>;

/** A message that the app attached to a construct. */
export const annotationSchema = z.object({
  level: z.enum(['error', 'warning', 'info']),
  constructPath: z.string().describe('E.g. `Storage/Reports`.'),
  message: z.string(),
  location: z.string().optional().describe('Line of the app that attached it.'),
});

export type Annotation = z.output<typeof annotationSchema>;

/** What the tools say of a stack. */
export function summarizeStack(stack: StackArtifact): StackSummary {
  const { account, region } = stack.environment;
  const count = (level: Annotation['level']): number => messagesOf(stack, level).length;
  return {
    id: stack.hierarchicalId,
    stackName: stack.stackName,
    environment: {
      // CDK's own marks for "not known before deployment".
      ...(account === 'unknown-account' ? {} : { account }),
      ...(region === 'unknown-region' ? {} : { region }),
    },
    dependencies: stack.dependencies.filter(isStack).map((dependency) => dependency.hierarchicalId),
    tags: { ...stack.tags },
    templateFile: stack.templateFile,
    terminationProtection: stack.terminationProtection ?? false,
    annotations: { errors: count('error'), warnings: count('warning'), infos: count('info') },
  };
}

function isStack(artifact: StackArtifact['dependencies'][number]): boolean {
  // The enums of the assembly's schema are not exported by the toolkit; their values are the file format's own names.
  const type: string = artifact.manifest.type;
  return type === 'aws:cloudformation:stack';
}

function messagesOf(stack: StackArtifact, level: Annotation['level']): StackArtifact['messages'] {
  return stack.messages.filter((message) => {
    const its: string = message.level;
    return its === level;
  });
}

/**
 * The messages on a stack's constructs, errors first.
 * @param appFolder absolute path with symbolic links resolved; places in the app's own code are relative to it.
 */
export function annotationsOf(stack: StackArtifact, appFolder: string): Annotation[] {
  return annotationSchema.shape.level.options.flatMap((level) =>
    messagesOf(stack, level).map(({ id, entry }) => {
      const location = ownLocation(entry.trace ?? [], appFolder);
      return {
        level,
        constructPath: id.replace(/^\//, ''),
        message: escapeUnseen(typeof entry.data === 'string' ? entry.data : JSON.stringify(entry.data ?? '')),
        ...(location === undefined ? {} : { location }),
      };
    }),
  );
}

/** The innermost line of a stack trace that is the app's own: not of a package, not of the runtime. */
function ownLocation(trace: readonly string[], appFolder: string): string | undefined {
  for (const frame of trace) {
    const [, file, position] = /\(?((?:[A-Za-z]:)?[^():]+):(\d+:\d+)\)?$/.exec(frame) ?? [];
    if (file === undefined || position === undefined || !path.isAbsolute(file)) continue;
    const relative = path.relative(appFolder, file);
    const parts = relative.split(path.sep);
    if (path.isAbsolute(relative) || parts[0] === '..' || parts.includes('node_modules')) continue;
    return `${escapeUnseen(parts.join('/'))}:${position}`;
  }
  return undefined;
}
