import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { currentCallScope } from '../../../src/core/callScope';
import { defineWorkspaceTool, type Tool } from '../../../src/tools/tool';

/** What the tools below did, for tests to look at. */
export interface ToolJournal {
  /** Targets that `test_change_thing` changed, in order. */
  changed: string[];
  /** How many calls of `test_wait_forever` are waiting now. */
  waiting: number;
  /** How many calls of `test_wait_forever` were ended from outside. */
  aborted: number;
  /** Resolves when the next call of `test_wait_forever` has begun. */
  nextWait(): Promise<void>;
  /** What `test_change_thing` adds to its plan, to let plans change between question and answer. */
  planDetail: string;
}

/** Tools that need no AWS, one for each thing that the protocol layer must carry. */
export function makeTestTools(): { tools: Tool[]; journal: ToolJournal } {
  let begun: (() => void)[] = [];
  const journal: ToolJournal = {
    changed: [],
    waiting: 0,
    aborted: 0,
    nextWait: () => new Promise((resolve) => begun.push(resolve)),
    planDetail: 'none',
  };
  const echo = defineWorkspaceTool({
    name: 'test_echo_text',
    title: 'Echo text',
    description: 'Returns what it was given.',
    toolset: 'aws',
    access: 'read',
    openWorld: false,
    input: z.object({ text: z.string().default('') }),
    output: z.object({ text: z.string() }),
    iamActions: [],
    run: ({ text }) => Promise.resolve({ text }),
  });
  const progress = defineWorkspaceTool({
    name: 'test_report_progress',
    title: 'Report progress',
    description: 'Reports progress three times, once going back.',
    toolset: 'aws',
    access: 'read',
    openWorld: false,
    input: z.object({}),
    output: z.object({}),
    iamActions: [],
    async run(_input, context) {
      for (const step of [1, 2, 1, 3]) {
        context.reportProgress({ progress: step, total: 3, message: `Step ${step}` });
        await sleep(5);
      }
      return {};
    },
  });
  const wait = defineWorkspaceTool({
    name: 'test_wait_forever',
    title: 'Wait',
    description: 'Waits until it is cancelled.',
    toolset: 'aws',
    access: 'read',
    openWorld: false,
    input: z.object({}),
    output: z.object({}),
    iamActions: [],
    async run(_input, { signal }) {
      journal.waiting++;
      for (const tell of begun.splice(0)) tell();
      begun = [];
      try {
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      } finally {
        journal.waiting--;
        journal.aborted++;
      }
      return {};
    },
  });
  const change = defineWorkspaceTool({
    name: 'test_change_thing',
    title: 'Change thing',
    description: 'Changes things after a person agreed to each.',
    toolset: 'aws',
    access: 'write',
    openWorld: false,
    input: z.object({ targets: z.array(z.string()).min(1) }),
    output: z.object({ changed: z.array(z.string()) }),
    iamActions: [],
    async run({ targets }, context) {
      for (const target of targets) {
        await context.confirm({
          action: 'Change',
          resource: target,
          details: [{ label: 'Detail', value: journal.planDetail }],
        });
      }
      journal.changed.push(...targets);
      return { changed: targets };
    },
  });
  const large = defineWorkspaceTool({
    name: 'test_return_much',
    title: 'Return much',
    description: 'Returns more than fits.',
    toolset: 's3',
    access: 'read',
    openWorld: false,
    input: z.object({}),
    output: z.object({ text: z.string() }),
    iamActions: [],
    run: () => Promise.resolve({ text: 'x'.repeat(100_000) }),
  });
  const callAws = defineWorkspaceTool({
    name: 'test_call_aws',
    title: 'Call AWS',
    description: 'Reports an AWS request as the AWS clients do.',
    toolset: 'aws',
    access: 'read',
    openWorld: false,
    input: z.object({}),
    output: z.object({ client: z.string() }),
    iamActions: [],
    run() {
      const scope = currentCallScope();
      scope?.onAwsRequest({
        service: 'CloudFormation',
        operation: 'ListStacks',
        region: 'eu-west-1',
        requestId: 'request-1',
        attempts: 1,
        startedAt: Date.now(),
        durationMs: 3,
        httpStatus: 200,
      });
      return Promise.resolve({ client: scope?.client ?? '' });
    },
  });
  return { tools: [echo, progress, wait, change, large, callAws], journal };
}
