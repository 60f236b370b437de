import * as z from 'zod';
import { isRecord } from '../../core/json';
import { shownJson } from '../resources/shownJson';
import { definePrompt, type PromptContext, type PromptPart } from './prompt';
import type { PromptData } from './promptData';
import { templateDifference } from './templateDifference';

const synth = 'cdk_synth_stack';
const getTemplate = 'cloudformation_get_template';

/** A template comes in pages; more of them than that make no readable list of changes. */
const maxPages = 40;

export const cdkChanges = definePrompt({
  name: 'cdk-changes',
  title: 'What changed in my CDK app?',
  description:
    'Synthesises a stack of the CDK app that is open and compares it with the template that is deployed. Deploys nothing.',
  arguments: [
    {
      name: 'stack',
      title: 'Stack',
      description: 'Id of the stack in the app. Needed only where the app has several.',
      required: false,
      schema: z.string().min(1).max(512),
    },
  ],
  tools: [synth, getTemplate],
  async parts({ stack }, context) {
    const synthesized = await synthesize(stack, context);
    const summary = synthesized.output?.['stack'];
    if (!synthesized.output || !isRecord(summary)) {
      return [
        {
          text: 'Say why the CDK app could not be synthesised, from the error below, and how to put it right. Where it has several stacks, ask which one is meant.',
        },
        { data: synthesized },
      ];
    }
    const deployed = await context.readLarge(getTemplate, deployedInput(summary));
    return deployed.error ? notCompared(synthesized, deployed) : compared(synthesized, deployed);
  },
});

/** The stack with its whole template, put together from its pages; reading on does not run the app again. */
async function synthesize(stack: string | undefined, { signal, readLarge }: PromptContext): Promise<PromptData> {
  const input = { ...(stack === undefined ? {} : { stack }), limit: 1000 };
  const first = await readLarge(synth, input);
  const template: Record<string, unknown> = {};
  let page: PromptData = first;
  for (let pages = 1; page.output; pages++) {
    mergeSections(template, page.output['template']);
    const cursor = page.output['nextCursor'];
    if (typeof cursor !== 'string') break;
    if (pages >= maxPages) return { ...first, output: { ...first.output, template, isIncomplete: true } };
    signal.throwIfAborted();
    page = await readLarge(synth, { ...input, cursor });
  }
  if (!page.output) return page;
  return { ...first, output: { ...first.output, template } };
}

function mergeSections(template: Record<string, unknown>, part: unknown): void {
  if (!isRecord(part)) return;
  for (const [section, value] of Object.entries(part)) {
    const known = template[section];
    template[section] = isRecord(known) && isRecord(value) ? { ...known, ...value } : value;
  }
}

/** Where the app says that the stack goes. Policy decides whether that Region may be asked. */
function deployedInput(summary: Record<string, unknown>): Record<string, unknown> {
  const { stackName, environment } = summary;
  const region = isRecord(environment) ? environment['region'] : undefined;
  return { stackName, ...(typeof region === 'string' ? { region } : {}) };
}

/** The output without its template, of which the difference says all that is asked for. */
function headOf({ output, ...rest }: PromptData): PromptData {
  const { template: _template, nextCursor: _cursor, truncated: _truncated, fullResult: _whole, ...head } = output ?? {};
  return { ...rest, output: head };
}

function notCompared(synthesized: PromptData, deployed: PromptData): PromptPart[] {
  return [
    {
      text: [
        'The stack of the CDK app below was synthesised, but what is deployed could not be read; the error after it says why.',
        'Where the stack does not exist, say that nothing is deployed yet and that deploying would create all of its resources, which are counted by type.',
        'Otherwise say what is in the way. Mention the annotations of its constructs.',
      ].join(' '),
    },
    { data: headOf(synthesized) },
    { data: deployed },
  ];
}

function compared(synthesized: PromptData, deployed: PromptData): PromptPart[] {
  const before = deployed.output?.['template'];
  const after = shownJson(synthesized.output?.['template']);
  if (isRecord(before) && isRecord(after) && deployed.output?.['truncated'] !== true) {
    const difference = templateDifference(before, after);
    const isSame = difference.added.length + difference.removed.length + difference.changed.length === 0;
    return [
      {
        text: isSame
          ? 'The template of the CDK app is the same as the one that is deployed. Say so, name the stack, account and Region, and mention the annotations of its constructs if there are any.'
          : [
              'Explain what deploying this stack of the CDK app would change, from the difference below between the deployed template and the one the app makes now.',
              'Begin with what could lose data or interrupt service: resources that are removed or replaced, and changed properties that force a replacement. Then access that becomes wider. Then the rest, by resource.',
              'Assets have new hashes whenever their content changed. Say so where that is all.',
            ].join(' '),
      },
      { data: headOf(synthesized) },
      {
        data: {
          tool: deployed.tool,
          input: deployed.input,
          output: { identity: deployed.output?.['identity'], difference },
        },
      },
    ];
  }
  return [
    {
      text: 'Explain what deploying this stack of the CDK app would change: compare the deployed template below with the one that the app makes now, which follows it. Begin with what could lose data or interrupt service.',
    },
    { data: deployed },
    { data: { ...synthesized, output: { ...synthesized.output, template: after } } },
  ];
}
