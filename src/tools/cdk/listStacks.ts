import * as z from 'zod';
import { escapeUnseen } from '../../core/unseen';
import { pageInput, pageOutput } from '../page';
import { defineWorkspaceTool } from '../tool';
import { findCdkApp } from './cdkApp';
import { cdkAppInput } from './cdkInput';
import { checkTrust, withSynthesizedApp } from './cdkToolkit';
import { Continuations } from './continuations';
import { describeMissing } from './missingContext';
import { stackSchema, summarizeStack, type StackSummary } from './stackArtifact';

const continuations = new Continuations<StackSummary[]>();

/** Lists the stacks of an app, in the order in which the app defines them, as `cdk list --long` does. */
export const listStacks = defineWorkspaceTool({
  name: 'cdk_list_stacks',
  title: 'List CDK stacks',
  description:
    'Runs the CDK app of the open workspace and lists its stacks with environment, dependencies and tags. Use it before other CDK tools to learn stack ids. Uses no AWS credentials.',
  toolset: 'cdk',
  access: 'read',
  openWorld: false,
  iamActions: [],
  timeoutSeconds: 300,
  input: z.object({
    ...cdkAppInput,
    stacks: z
      .array(z.string().min(1).max(512))
      .min(1)
      .max(50)
      .optional()
      .describe('Only stacks whose id matches one of these patterns, e.g. `Prod/*`. Default: all.'),
    ...pageInput,
  }),
  output: z.object({
    app: z.string().describe('Folder of the app, relative to the workspace folder.'),
    stacks: z.array(stackSchema),
    ...pageOutput,
  }),
  async run({ limit, cursor, ...input }, context) {
    checkTrust(context);
    const app = await findCdkApp(context.workspace, input.app, context.signal);
    const callArguments = { ...input, app: app.folder };
    const synthesize = () =>
      withSynthesizedApp(
        app,
        {
          context: input.context,
          environment: input,
          // A list shows no assets: bundling and copying them would only take time.
          bundling: [],
          stageAssets: false,
        },
        context,
        async ({ toolkit, assembly, missing }) => {
          if (missing.length > 0) {
            context.warn(
              escapeUnseen(`Values that the app looks up in AWS are not known yet: ${describeMissing(missing)}.`),
            );
          }
          const stacks = assembly.cloudAssembly.stacksRecursively;
          if (input.stacks === undefined || stacks.length === 0) return stacks.map(summarizeStack);
          const { StackSelectionStrategy } = await import('@aws-cdk/toolkit-lib');
          const selected = await toolkit.list(assembly, {
            stacks: { strategy: StackSelectionStrategy.PATTERN_MATCH, patterns: input.stacks },
          });
          // The toolkit calls a stack by its display name here, which is no id where the app gives stack names.
          const names = new Set(selected.map(({ id }) => id));
          return stacks.filter(({ displayName }) => names.has(displayName)).map(summarizeStack);
        },
      );
    const all = (cursor === undefined ? undefined : continuations.find(callArguments)) ?? (await synthesize());
    continuations.keep(callArguments, all);
    const { items, ...rest } = await context.page({
      limit,
      cursor,
      fetch: async () => ({ items: all, nextToken: undefined }),
    });
    return { app: app.name, stacks: items, ...rest };
  },
});
