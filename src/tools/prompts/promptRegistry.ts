import { WorkbenchError } from '../../core/errors';
import { escapeUnseen } from '../../core/unseen';
import type { PromptArgument, PromptDefinition } from './prompt';

/** A prompt as lists show it: plain JSON, made once. */
export interface PromptListing {
  name: string;
  title: string;
  description: string;
  arguments: { name: string; title: string; description: string; required: boolean }[];
}

/** A prompt with its listing. */
export interface RegisteredPrompt {
  readonly prompt: PromptDefinition;
  readonly listing: PromptListing;
  /**
   * The arguments as the prompt takes them: those that are left empty are left out.
   * @throws WorkbenchError `InvalidInput`.
   */
  check(given: Readonly<Record<string, string>>): Record<string, string>;
}

/**
 * Holds every prompt.
 * @throws Error for one that breaks the contract: a programming error, found at start.
 */
export class PromptRegistry {
  readonly all: readonly RegisteredPrompt[];

  constructor(prompts: readonly PromptDefinition[]) {
    const names = new Set<string>();
    for (const { name } of prompts) {
      if (names.has(name)) throw new Error(`Two prompts have the name ${name}`);
      names.add(name);
    }
    this.all = prompts.map(register);
  }
}

function register(prompt: PromptDefinition): RegisteredPrompt {
  const { name, title, description } = prompt;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    throw new Error(`Names of prompts are in kebab case and at most 40 characters: ${name}`);
  }
  if (title.trim() === '' || description.trim() === '') throw new Error(`There is no title or description: ${name}`);
  if (description.length > 300) throw new Error(`The description is over 300 characters: ${name}`);
  const listed = prompt.arguments.map(({ name: argument, title: label, description: hint, required }) => ({
    name: argument,
    title: label,
    description: hint,
    required,
  }));
  return {
    prompt,
    listing: { name, title, description, arguments: listed },
    check: (given) => check(prompt, given),
  };
}

function check(prompt: PromptDefinition, given: Readonly<Record<string, string>>): Record<string, string> {
  const known = prompt.arguments.map(({ name }) => name);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown[0] !== undefined) {
    throw invalid(prompt, `There is no argument ${escapeUnseen(unknown[0]).slice(0, 100)}.`);
  }
  const input: Record<string, string> = {};
  for (const argument of prompt.arguments) {
    const value = given[argument.name];
    // Clients send an empty text for what the person left empty.
    if (value === undefined || value === '') {
      if (argument.required) throw invalid(prompt, `${argument.name} is missing.`);
      continue;
    }
    input[argument.name] = checkValue(prompt, argument, value);
  }
  return input;
}

function checkValue(prompt: PromptDefinition, { name, schema }: PromptArgument, value: string): string {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(prompt, `${name}: ${parsed.error.issues[0]?.message ?? 'not valid'}.`);
}

function invalid({ name, arguments: known }: PromptDefinition, problem: string): WorkbenchError {
  const names = known.map(({ name: argument }) => argument).join(', ');
  return new WorkbenchError('InvalidInput', `The arguments of ${name} are not valid. ${problem}`, {
    remedy: names === '' ? 'It takes no arguments.' : `It takes ${names}.`,
  });
}
