import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { IdentityService } from '../../../src/aws/identity';
import { silentLogger } from '../../../src/core/logger';
import { cdkTools } from '../../../src/tools/cdk/cdkTools';
import type { Annotation, StackSummary } from '../../../src/tools/cdk/stackArtifact';
import { ToolPipeline } from '../../../src/tools/pipeline';
import { Policy } from '../../../src/tools/policy';
import { ToolRegistry } from '../../../src/tools/registry';
import { ResultStore } from '../../../src/tools/resultStore';
import type { ToolProgress } from '../../../src/tools/tool';

const never = () => ({ dispose: () => undefined });

/** CDK tools need nobody's credentials: whoever asks for them fails the test. */
const noIdentity: IdentityService = {
  selection: {},
  state: { kind: 'signedOut', reason: 'No test of the CDK tools is anybody on AWS.' },
  onDidChange: never,
  select: () => assert.fail('selected an identity'),
  resolve: () => Promise.reject(new Error('asked for credentials')),
  listProfiles: () => Promise.resolve([]),
  invalidate: () => undefined,
};

/** What the tools return, as far as tests read it. */
interface Results {
  cdk_list_stacks: { app: string; stacks: StackSummary[]; nextCursor?: string; warnings?: string[] };
  cdk_synth_stack: {
    app: string;
    stack: StackSummary;
    template: Record<string, unknown>;
    templateBytes: number;
    resourceCounts: { type: string; count: number }[];
    annotations: Annotation[];
    nextCursor?: string;
  };
}

export interface ErrorReport {
  code: string;
  message: string;
  remedy: string;
}

/** A workspace of its own in a temporary folder, and the real pipeline that calls the CDK tools on it. */
export class CdkWorkspace {
  readonly folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-test-')));
  readonly workspace = { folders: [this.folder], isTrusted: true, onDidChange: never };
  readonly #pipeline = new ToolPipeline({
    registry: new ToolRegistry(cdkTools),
    policy: new Policy(
      {
        current: { access: 'readOnly', toolsets: ['cdk'], allowedProfiles: [], allowedRegions: [] },
        onDidChange: never,
      },
      { access: 'access', toolsets: 'toolsets', allowedProfiles: 'allowedProfiles', allowedRegions: 'allowedRegions' },
    ),
    identity: noIdentity,
    workspace: this.workspace,
    results: new ResultStore(),
    editorAsker: undefined,
    logger: silentLogger,
  });

  /** Writes files, by path relative to the workspace folder. */
  write(files: Record<string, string | object>): this {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    }
    return this;
  }

  read(name: string): string {
    return fs.readFileSync(path.join(this.folder, name), 'utf8');
  }

  exists(name: string): boolean {
    return fs.existsSync(path.join(this.folder, name));
  }

  /** Calls a tool and returns what the wire would carry. */
  async call(
    name: string,
    callArguments: object = {},
    options: { signal?: AbortSignal; onProgress?: (progress: ToolProgress) => void } = {},
  ) {
    const result = await this.#pipeline.call({
      name,
      arguments: callArguments,
      caller: { client: 'test', sessionId: 'test' },
      signal: options.signal ?? new AbortController().signal,
      reportProgress: (progress) => options.onProgress?.(progress),
      onAwsRequest: () => assert.fail('made an AWS request'),
      clientAsker: undefined,
    });
    assert.ok(result);
    return result;
  }

  /** The structured result of a call that must go well, checked against the tool's own output schema. */
  async succeed<Name extends keyof Results>(
    name: Name,
    callArguments: object = {},
    onProgress?: (progress: ToolProgress) => void,
  ): Promise<Results[Name]> {
    const result = await this.call(name, callArguments, onProgress ? { onProgress } : {});
    assert.equal(result.isError, undefined, JSON.stringify(result.content));
    const output = cdkTools.find((tool) => tool.name === name)?.output;
    assert.ok(output && result.structuredContent);
    output.parse(result.structuredContent);
    return result.structuredContent as unknown as Results[Name];
  }

  /** The error report of a call that must fail. */
  async fail(name: string, callArguments: object = {}): Promise<ErrorReport> {
    const result = await this.call(name, callArguments);
    assert.equal(result.isError, true, JSON.stringify(result.structuredContent));
    const [text] = result.content;
    assert.equal(text?.type, 'text');
    return JSON.parse(text.text) as ErrorReport;
  }

  dispose(): void {
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * The source of an app that needs no packages: it writes a cloud assembly by hand.
 * @param stacks templates by stack id.
 * @param before JavaScript that runs first.
 */
export function handmadeApp(stacks: Record<string, object>, before = ''): string {
  return `
    const fs = require('node:fs'), path = require('node:path');
    ${before}
    const stacks = ${JSON.stringify(stacks)};
    const out = process.env.CDK_OUTDIR;
    const artifacts = {};
    for (const [id, template] of Object.entries(stacks)) {
      fs.writeFileSync(path.join(out, id + '.template.json'), JSON.stringify(template));
      artifacts[id] = { type: 'aws:cloudformation:stack', environment: 'aws://unknown-account/unknown-region',
        properties: { templateFile: id + '.template.json' } };
    }
    fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts }));`;
}

/** Waits until a condition holds; the test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Whether a process runs; one that ended but was not yet collected by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}
