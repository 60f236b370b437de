import type * as z from 'zod';
import type { AwsSession } from '../aws/identity';
import type { ConsentPlan } from './consent';
import type { PageRequest, Page } from './page';
import type { TouchedResource } from './policy/resourceRules';
import type { Workspace } from './workspace';

/** Tools are switched on and off by toolset; a toolset is an AWS service or `cdk`. In the order people see them. */
export const toolsets = ['aws', 'cloudformation', 'lambda', 's3', 'cdk'] as const;

export type Toolset = (typeof toolsets)[number];

/** `read` changes nothing, `write` changes something that can be changed back, `destructive` cannot be undone. */
export type ToolAccess = 'read' | 'write' | 'destructive';

/** Progress of a long call, for the client that asked for it. */
export interface ToolProgress {
  /** Grows with every report. */
  progress: number;
  /** What `progress` grows to, where known. */
  total?: number;
  /** What is being done now. */
  message?: string;
}

/** What every tool gets while it runs. */
export interface ToolContext {
  /** Fires when the client cancelled, the editor stopped the call or its time is up. Pass it on to all that waits. */
  readonly signal: AbortSignal;
  readonly workspace: Workspace;
  reportProgress(progress: ToolProgress): void;
  /**
   * Asks a person whether this exact plan may be carried out. Nothing may be changed before it resolves.
   * @param plan what is to be done; changing it afterwards makes the yes worthless.
   * @param check makes the plan anew once the person agreed, where it came from a state that others can change (a change
   * set, an object's version): a plan that is no longer the same is refused.
   * @returns the plan that was agreed to, frozen: what is sent comes from there.
   * @throws WorkbenchError `ConsentRefused` when the answer is no, nobody answers, nobody can be asked, or the plan
   * changed; `PolicyDenied` where the user's settings forbid it by then, or it cannot be recorded.
   */
  confirm(plan: ConsentPlan, check?: () => Promise<ConsentPlan>): Promise<ConsentPlan>;
  /** UTF-8 bytes that the JSON of what the tool returns may take before it is cut. */
  readonly maxOutputBytes: number;
  /** Reads one page of a list, cut at an item boundary so that the result stays under the size limit. */
  page<T>(request: PageRequest<T>): Promise<Page<T>>;
  /** Adds a sentence to `warnings` of the result, for what went wrong without making the result worthless. */
  warn(message: string): void;
}

/** What a tool gets that acts on an AWS account. */
export interface AwsToolContext extends ToolContext {
  readonly aws: AwsSession;
}

interface ToolBase<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** `<service>_<verb>_<noun>`, at most 40 characters. */
  name: string;
  /** Shown to people, e.g. `List stacks`. */
  title: string;
  /** Says when to use it; at most 300 characters. */
  description: string;
  toolset: Toolset;
  access: ToolAccess;
  /** Whether results can hold text that somebody outside the account's administrators wrote. */
  openWorld: boolean;
  /** Whether the same call twice has no more effect than once. Reads always are. */
  idempotent?: boolean;
  /** Fields are the API's own names in camelCase, each with a description. */
  input: Input;
  output: Output;
  /** IAM actions it needs, e.g. `cloudformation:ListStacks`. Empty where it makes no AWS request. */
  iamActions: readonly string[];
  /**
   * To what its actions can be limited in IAM policies: ARNs with `*`, by action. An action that is not there takes no
   * resource but `*`. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
   */
  iamResources?: Readonly<Record<string, readonly string[]>>;
  /**
   * For reads. Where set, an equal call by the same identity within that time may be answered from memory; the tool
   * gets an input `fresh` that asks AWS again.
   */
  cache?: { ttlSeconds: number };
  /** After this time the call fails with `Timeout`. Default 60. */
  timeoutSeconds?: number;
}

/** A tool that acts on an AWS account: it gets `profile` and `region` inputs and an `identity` in its output. */
export interface AwsTool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> extends ToolBase<Input, Output> {
  scope: 'aws';
  /**
   * The ARNs of what a call touches, for the user's patterns and the audit log; none where it only lists names. Where
   * any patterns are set, a tool that does not tell is refused.
   */
  resources?(input: z.output<Input>, aws: Pick<AwsSession, 'arn' | 'identity'>): readonly TouchedResource[];
  run(input: z.output<Input>, context: AwsToolContext): Promise<z.input<Output>>;
}

/** A tool that works on the open workspace and needs no AWS identity. */
export interface WorkspaceTool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> extends ToolBase<Input, Output> {
  scope: 'workspace';
  run(input: z.output<Input>, context: ToolContext): Promise<z.input<Output>>;
}

/** Any tool; the registry and the pipeline handle tools by this type only. */
export type Tool = AwsTool | WorkspaceTool;

/**
 * Declares a tool that acts on an AWS account.
 * It only ties the types of `input`, `output` and `run` together; the registry checks the contract.
 */
export function defineAwsTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Omit<AwsTool<Input, Output>, 'scope'>,
): Tool {
  return { ...tool, scope: 'aws' } as unknown as Tool;
}

/** Declares a tool that works on the open workspace. */
export function defineWorkspaceTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Omit<WorkspaceTool<Input, Output>, 'scope'>,
): Tool {
  return { ...tool, scope: 'workspace' } as unknown as Tool;
}
