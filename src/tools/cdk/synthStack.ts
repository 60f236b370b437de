import * as z from 'zod';
import { byteLength } from '../../core/byteLength';
import { WorkbenchError } from '../../core/errors';
import { isRecord } from '../../core/json';
import { pageInput, pageOutput, readPage } from '../page';
import { defineWorkspaceTool, type ToolContext } from '../tool';
import { findCdkApp, type CdkApp } from './cdkApp';
import { cdkAppInput } from './cdkInput';
import { checkTrust, withSynthesizedApp, type CdkSession } from './cdkToolkit';
import { Continuations } from './continuations';
import { missingContextError } from './missingContext';
import {
  annotationSchema,
  annotationsOf,
  stackSchema,
  summarizeStack,
  type Annotation,
  type StackArtifact,
  type StackSummary,
} from './stackArtifact';

const maxAnnotations = 30;
const maxAnnotationCharacters = 400;

const resourceCountSchema = z.object({ type: z.string(), count: z.number().int() });

/** All that is kept of a synthesised stack when its files are gone. */
interface SynthesizedStack {
  summary: StackSummary;
  template: Record<string, unknown>;
  annotations: Annotation[];
}

const continuations = new Continuations<SynthesizedStack>();

/** Synthesises one stack and returns its template, as `cdk synth <stack> --json` does. */
export const synthStack = defineWorkspaceTool({
  name: 'cdk_synth_stack',
  title: 'Synthesise a CDK stack',
  description:
    'Runs the CDK app of the open workspace and returns the CloudFormation template of one stack, with resource counts and the warnings and errors of its constructs. Changes nothing and uses no AWS credentials.',
  toolset: 'cdk',
  access: 'read',
  openWorld: false,
  iamActions: [],
  timeoutSeconds: 300,
  input: z.object({
    ...cdkAppInput,
    stack: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .describe('Id of the stack as cdk_list_stacks returns it, or its stack name. Needed where the app has several.'),
    logicalIds: z
      .array(z.string().min(1).max(255))
      .min(1)
      .max(100)
      .optional()
      .describe('Only these resources of the template.'),
    limit: z.number().int().min(1).max(1000).default(500).describe('Members of the template at most.'),
    cursor: pageInput.cursor,
  }),
  output: z.object({
    app: z.string().describe('Folder of the app, relative to the workspace folder.'),
    stack: stackSchema,
    template: z
      .record(z.string(), z.unknown())
      .describe('The CloudFormation template, or as much of it as one result holds; `nextCursor` gets the rest.'),
    templateBytes: z.number().int().describe('Size of the whole template as JSON, in bytes.'),
    resourceCounts: z.array(resourceCountSchema).describe('Resources of the whole template by type, most first.'),
    annotations: z.array(annotationSchema).describe('Messages on the constructs of the stack, errors first.'),
    ...pageOutput,
  }),
  async run({ limit, cursor, logicalIds, ...input }, context) {
    checkTrust(context);
    const app = await findCdkApp(context.workspace, input.app, context.signal);
    const callArguments = { ...input, app: app.folder };
    const kept = cursor === undefined ? undefined : continuations.find(callArguments);
    const synthesized = kept ?? (await synthesize(app, input, context));
    continuations.keep(callArguments, synthesized);
    const { summary: stack, template } = synthesized;
    const members = membersOf(template, logicalIds);
    const head = {
      app: app.name,
      stack,
      templateBytes: byteLength(JSON.stringify(template)),
      resourceCounts: countResources(template),
      annotations: shortened(synthesized.annotations, context),
    };
    // Not `context.page`: beside the members of the template, what stands in `head` takes its part of the size limit.
    const { items, ...rest } = await readPage(
      { limit, cursor, fetch: async () => ({ items: members, nextToken: undefined }) },
      context.maxOutputBytes - byteLength(JSON.stringify(head)),
      [callArguments, logicalIds],
    );
    return { ...head, template: templateOf(items), ...rest };
  },
});

async function synthesize(
  app: CdkApp,
  input: {
    stack?: string | undefined;
    context: Record<string, string>;
    account?: string | undefined;
    region?: string | undefined;
  },
  context: ToolContext,
): Promise<SynthesizedStack> {
  const run = <T>(bundling: string, use: (session: CdkSession) => Promise<T>): Promise<T> =>
    withSynthesizedApp(
      app,
      { context: input.context, environment: input, bundling: [bundling], stageAssets: true },
      context,
      async (session) => {
        if (session.missing.length > 0) throw missingContextError(app, session.missing);
        return use(session);
      },
    );
  const read = (stack: StackArtifact): SynthesizedStack => ({
    summary: summarizeStack(stack),
    template: templateObject(stack),
    annotations: annotationsOf(stack, app.folder),
  });
  const bundling = input.stack ?? '**';
  const found = await run(bundling, async ({ assembly }) => {
    const stack = selectStack(app, assembly.cloudAssembly.stacksRecursively, input.stack);
    // What is not bundled has another hash, so such a template would not be the one that is deployed.
    return bundling === '**' || bundling === stack.hierarchicalId ? read(stack) : stack.hierarchicalId;
  });
  if (typeof found !== 'string') return found;
  return run(found, async ({ assembly }) => read(selectStack(app, assembly.cloudAssembly.stacksRecursively, found)));
}

function selectStack(app: CdkApp, stacks: readonly StackArtifact[], named: string | undefined): StackArtifact {
  const ids = stacks.map(({ hierarchicalId }) => hierarchicalId);
  const shown = ids.slice(0, 20).join(', ') + (ids.length > 20 ? ', …' : '');
  if (stacks.length === 0) {
    throw new WorkbenchError('NotFound', `The CDK app in ${app.name} has no stacks.`, {
      remedy: 'Add a stack to the app.',
    });
  }
  if (named === undefined) {
    const [first] = stacks;
    if (first !== undefined && stacks.length === 1) return first;
    throw new WorkbenchError('InvalidInput', `The CDK app in ${app.name} has ${stacks.length} stacks: ${shown}.`, {
      remedy: 'Pass one of them as `stack`.',
    });
  }
  const byId = stacks.find(({ hierarchicalId, id }) => hierarchicalId === named || id === named);
  if (byId) return byId;
  const byName = stacks.filter(({ stackName }) => stackName === named);
  if (byName[0] !== undefined && byName.length === 1) return byName[0];
  if (byName.length > 1) {
    const candidates = byName.map(({ hierarchicalId }) => hierarchicalId).join(', ');
    throw new WorkbenchError('InvalidInput', `Several stacks have the name ${named}: ${candidates}.`, {
      remedy: 'Pass the id of one of them as `stack`.',
    });
  }
  throw new WorkbenchError('NotFound', `The CDK app in ${app.name} has no stack ${named}. It has: ${shown}.`, {
    remedy: 'Pass the id of one of these stacks.',
  });
}

function templateObject(stack: StackArtifact): Record<string, unknown> {
  const template: unknown = stack.template;
  if (isRecord(template)) return template;
  throw new WorkbenchError('InvalidInput', `The template of ${stack.hierarchicalId} is not an object.`, {
    remedy: 'Correct what writes the template of this stack in the app.',
  });
}

/** One member of a section (`name` set) or a section that is a plain value. */
interface TemplateMember {
  section: string;
  name?: string;
  value: unknown;
}

/** Takes a template apart so that a page can end behind any resource, parameter or output, and never inside one. */
function membersOf(template: Record<string, unknown>, logicalIds: readonly string[] | undefined): TemplateMember[] {
  if (logicalIds) {
    const resources = isRecord(template['Resources']) ? template['Resources'] : {};
    const unknown = logicalIds.filter((name) => !Object.hasOwn(resources, name));
    if (unknown.length > 0) {
      throw new WorkbenchError('NotFound', `The template has no resource ${unknown.slice(0, 10).join(', ')}.`, {
        remedy: 'Leave `logicalIds` out to see which resources there are.',
      });
    }
    return logicalIds.map((name) => ({ section: 'Resources', name, value: resources[name] }));
  }
  return Object.entries(template).flatMap(([section, value]): TemplateMember[] =>
    isRecord(value)
      ? Object.entries(value).map(([name, member]) => ({ section, name, value: member }))
      : [{ section, value }],
  );
}

function templateOf(members: readonly TemplateMember[]): Record<string, unknown> {
  const template: Record<string, Record<string, unknown>> = {};
  const values: Record<string, unknown> = {};
  for (const { section, name, value } of members) {
    if (name === undefined) values[section] = value;
    else (values[section] = template[section] ??= {})[name] = value;
  }
  return values;
}

function countResources(template: Record<string, unknown>): z.output<typeof resourceCountSchema>[] {
  const counts = new Map<string, number>();
  const resources = isRecord(template['Resources']) ? Object.values(template['Resources']) : [];
  for (const resource of resources) {
    const type = isRecord(resource) && typeof resource['Type'] === 'string' ? resource['Type'] : 'unknown';
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts]
    .map(([type, count]) => ({ type, count }))
    .sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1));
}

function shortened(annotations: readonly Annotation[], context: ToolContext): Annotation[] {
  if (annotations.length > maxAnnotations) {
    context.warn(`Only the first ${maxAnnotations} of ${annotations.length} annotations are shown.`);
  }
  return annotations.slice(0, maxAnnotations).map((annotation) => {
    const { message } = annotation;
    return message.length <= maxAnnotationCharacters
      ? annotation
      : { ...annotation, message: `${message.slice(0, maxAnnotationCharacters)}…` };
  });
}
