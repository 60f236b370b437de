import type * as z from 'zod';
import type { NameSource } from '../resources/nameSource';
import type { PromptData } from './promptData';

/** An argument that a person fills in when they pick a prompt. */
export interface PromptArgument {
  name: string;
  title: string;
  description: string;
  required: boolean;
  /** What a value must be. */
  schema: z.ZodType<string>;
  /** Where names for it come from. */
  complete?: NameSource;
}

/** What a prompt says to the model: our own words, or data that was read for it. */
export type PromptPart = { text: string } | { data: PromptData };

/** What a prompt reads with. */
export interface PromptContext {
  readonly signal: AbortSignal;
  /**
   * The output of a read-only tool, or why there is none. Never rejects for what went wrong in the tool, so that a
   * prompt can say so; it does when the request was cancelled.
   * @param uri of the resource that shows the same, where there is one.
   */
  readonly read: (tool: string, input: Record<string, unknown>, uri?: string) => Promise<PromptData>;
  /** Like `read`, up to the size limit of resources: for what is not shown as it is. */
  readonly readLarge: (tool: string, input: Record<string, unknown>) => Promise<PromptData>;
}

/** A question that people ask often, with the data that it takes to answer it. */
export interface PromptDefinition {
  /** Unique, in kebab case: it becomes the slash command. */
  name: string;
  /** Shown to people: the question. */
  title: string;
  /** At most 300 characters. */
  description: string;
  arguments: readonly PromptArgument[];
  /** Names of the tools that it reads with. It is offered while policy allows all of them. */
  tools: readonly string[];
  /**
   * What is said, in order. The first part is what is asked for. Words of ours must not quote what others may have
   * written, which belongs in data.
   */
  parts(input: Readonly<Record<string, string>>, context: PromptContext): Promise<PromptPart[]>;
}

/** Declares a prompt. The registry checks the contract. */
export function definePrompt(prompt: PromptDefinition): PromptDefinition {
  return prompt;
}
