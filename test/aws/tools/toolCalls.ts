import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as z from 'zod';
import { AwsEnvironment } from '../../../src/aws/environment';
import { AwsIdentityService } from '../../../src/aws/identityService';
import type { AwsRequest } from '../../../src/core/awsRequest';
import { byteLength } from '../../../src/core/byteLength';
import type { ErrorReport } from '../../../src/core/errors';
import type { JsonObject } from '../../../src/core/json';
import { silentLogger } from '../../../src/core/logger';
import { awsTools } from '../../../src/tools/awsTools';
import type { ConsentAsker } from '../../../src/tools/consent';
import { ToolPipeline } from '../../../src/tools/pipeline';
import { Policy, type PolicySettings } from '../../../src/tools/policy';
import { ToolRegistry } from '../../../src/tools/registry';
import type { ToolResult } from '../../../src/tools/result';
import { ResultStore } from '../../../src/tools/resultStore';
import { makeTemporaryFolder, removeFolder } from '../../../scripts/toolbox/cache';
import { startMinistack, startMoto, type LocalAws, type Ministack } from '../../../scripts/toolbox/localAws';
import { seedAws, type Seed } from '../../support/seedAws';

const registry = new ToolRegistry(awsTools);
const never = () => ({ dispose: () => undefined });

/** MiniStack with the seed in account 000000000000, for all files of this folder. */
export interface SeededAws {
  aws: Ministack;
  seed: Seed;
  /** How often the function `orders-refund` ran, and with which events. */
  ledger(): unknown[];
}

let seeded: Promise<SeededAws> | undefined;
let moto: Promise<LocalAws> | undefined;
const folders: string[] = [];

/** Starts and fills MiniStack at the first call. */
export function seededAws(): Promise<SeededAws> {
  seeded ??= startSeeded();
  return seeded;
}

async function startSeeded(): Promise<SeededAws> {
  const aws = await startMinistack();
  const folder = makeTemporaryFolder();
  folders.push(folder);
  const ledgerFile = path.join(folder, 'ledger.jsonl');
  const seed = await seedAws({ endpoint: aws.endpoint, account: '000000000000', ledgerFile });
  const ledger = (): unknown[] => {
    const text = fs.existsSync(ledgerFile) ? fs.readFileSync(ledgerFile, 'utf8') : '';
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));
  };
  return { aws, seed, ledger };
}

/** Starts Moto at the first call. */
export function emptyMoto(): Promise<LocalAws> {
  moto ??= startMoto();
  return moto;
}

after(async () => {
  for (const emulator of [seeded, moto]) {
    const started = await emulator?.catch(() => undefined);
    await (started && 'aws' in started ? started.aws : started)?.dispose();
  }
  for (const folder of folders) await removeFolder(folder);
});

export interface CallerOptions {
  policy?: Partial<PolicySettings>;
  editorAsker?: ConsentAsker;
  maxResultBytes?: number;
}

export interface CallOptions {
  signal?: AbortSignal;
  clientAsker?: ConsentAsker;
  /** Told of each AWS request when it is over. */
  onAwsRequest?: (request: AwsRequest) => void;
}

/** Calls tools through the real pipeline as the user of the given environment variables. */
export class ToolCaller {
  readonly results = new ResultStore();
  readonly pipeline: ToolPipeline;
  readonly #identity: AwsIdentityService;
  readonly #maxResultBytes: number;

  constructor(env: Record<string, string>, options: CallerOptions = {}) {
    this.#maxResultBytes = options.maxResultBytes ?? 32 * 1024;
    this.#identity = new AwsIdentityService(
      new AwsEnvironment({ env: { PATH: process.env['PATH'], ...env }, logger: silentLogger, version: '0.0.0' }),
    );
    const current: PolicySettings = {
      access: 'readWrite',
      toolsets: ['aws', 'cloudformation', 'lambda', 's3'],
      allowedProfiles: [],
      allowedRegions: [],
      ...options.policy,
    };
    this.pipeline = new ToolPipeline({
      registry,
      policy: new Policy(
        { current, onDidChange: never },
        {
          access: 'access',
          toolsets: 'toolsets',
          allowedProfiles: 'allowedProfiles',
          allowedRegions: 'allowedRegions',
        },
      ),
      identity: this.#identity,
      workspace: { folders: [], isTrusted: true, onDidChange: never },
      results: this.results,
      editorAsker: options.editorAsker,
      logger: silentLogger,
      maxResultBytes: this.#maxResultBytes,
    });
  }

  dispose(): void {
    this.#identity.dispose();
  }

  async call(name: string, input: unknown, options: CallOptions = {}): Promise<ToolResult> {
    const result = await this.pipeline.call({
      name,
      arguments: input,
      caller: { client: 'tests', sessionId: 'session' },
      signal: options.signal ?? new AbortController().signal,
      reportProgress: () => undefined,
      onAwsRequest: options.onAwsRequest ?? (() => undefined),
      clientAsker: options.clientAsker,
    });
    assert.ok(result, `there is no tool ${name}`);
    const [text] = result.content;
    assert.ok(text?.type === 'text');
    assert.ok(byteLength(text.text) <= this.#maxResultBytes, `${byteLength(text.text)} bytes`);
    return result;
  }

  /** The output of a call that must go well, checked against the tool's output schema and the receipt. */
  async output<T extends object = JsonObject>(
    name: string,
    input: unknown,
    options: CallOptions = {},
  ): Promise<T & Receipt> {
    const result = await this.call(name, input, options);
    const [text] = result.content;
    assert.ok(!result.isError, text?.type === 'text' ? text.text : 'error');
    const { structuredContent } = result;
    assert.deepEqual(structuredContent, JSON.parse(text?.type === 'text' ? text.text : ''));
    checkOutput(name, structuredContent);
    return structuredContent as T & Receipt;
  }

  /** The report of a call that must fail. */
  async error(name: string, input: unknown, options: CallOptions = {}): Promise<ErrorReport> {
    const result = await this.call(name, input, options);
    const [text] = result.content;
    assert.ok(text?.type === 'text');
    assert.equal(result.isError, true, text.text);
    assert.equal(result.structuredContent, undefined);
    return JSON.parse(text.text) as ErrorReport;
  }

  /** Every item of a list, read in pages of `limit`. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- tests say what the items are
  async all<T>(name: string, input: object, field: string, limit: number): Promise<{ items: T[]; pages: number }> {
    const items: T[] = [];
    let cursor: string | undefined;
    for (let pages = 1; pages < 1000; pages++) {
      const output: JsonObject & Receipt = await this.output(name, { ...input, limit, cursor });
      const page = output[field] as T[];
      assert.ok(page.length <= limit);
      items.push(...page);
      cursor = output.nextCursor;
      if (cursor === undefined) return { items, pages };
    }
    return assert.fail('the list never ends');
  }
}

export interface Receipt {
  identity: { account: string; role: string; region: string; profile: string };
  nextCursor?: string;
  truncated?: boolean;
  fullResult?: string;
  warnings?: string[];
}

const receiptSchema = z.object({
  identity: z.strictObject({
    account: z.string().regex(/^\d{12}$/),
    role: z.string().min(1),
    region: z.string().min(1),
    profile: z.string().min(1),
  }),
  warnings: z.array(z.string()).optional(),
  truncated: z.literal(true).optional(),
  fullResult: z.string().optional(),
});

const ajv = new Ajv2020({ strict: true });
const validators = new Map<string, ValidateFunction>();

/**
 * Checks an output against the listing's JSON Schema, as clients do, and against the tool's own schema, strictly at
 * every depth: a field that the schema does not name is a fault too.
 */
function checkOutput(name: string, output: unknown): void {
  const registered = registry.get(name);
  assert.ok(registered);
  const validate = validators.get(name) ?? ajv.compile(registered.listing.outputSchema);
  validators.set(name, validate);
  assert.ok(validate(output), ajv.errorsText(validate.errors));
  const schema = strict(z.object({ ...registered.tool.output.shape, ...receiptSchema.shape }));
  const parsed = schema.safeParse(output);
  assert.ok(parsed.success, parsed.success ? '' : `${name}: ${JSON.stringify(parsed.error.issues)}`);
}

function strict(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>;
    return z.strictObject(Object.fromEntries(Object.entries(shape).map(([field, member]) => [field, strict(member)])));
  }
  if (schema instanceof z.ZodArray) return z.array(strict(schema.element as z.ZodType));
  if (schema instanceof z.ZodOptional) return strict(schema.unwrap() as z.ZodType).optional();
  return schema;
}

/** Says yes or no to every question, and remembers what it was asked. */
export class ScriptedAsker implements ConsentAsker {
  readonly asked: Parameters<ConsentAsker['ask']>[0][] = [];
  readonly #answer: Awaited<ReturnType<ConsentAsker['ask']>>;
  readonly #beforeAnswer: () => void;

  constructor(answer: Awaited<ReturnType<ConsentAsker['ask']>>, beforeAnswer: () => void = () => undefined) {
    this.#answer = answer;
    this.#beforeAnswer = beforeAnswer;
  }

  async ask(request: Parameters<ConsentAsker['ask']>[0]): Promise<Awaited<ReturnType<ConsentAsker['ask']>>> {
    this.asked.push(request);
    this.#beforeAnswer();
    return this.#answer;
  }
}
