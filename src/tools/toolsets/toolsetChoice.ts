import { toolsets, type Toolset } from '../tool';

/**
 * What somebody says about toolsets: `auto` for those that the workspace has a use for, names for those that are on
 * whatever it holds. `['auto', 's3']` is both: what is detected, and S3 pinned.
 */
export type ToolsetChoice = 'auto' | readonly ('auto' | Toolset)[];

/** Makes a choice of a value that people edit by hand; unknown names are dropped, and what is no choice is none. */
export function toToolsetChoice(value: unknown): ToolsetChoice {
  if (value === 'auto') return 'auto';
  if (!Array.isArray(value)) return [];
  const known: readonly string[] = ['auto', ...toolsets];
  return value.filter((item): item is 'auto' | Toolset => typeof item === 'string' && known.includes(item));
}

/** Whether the files of the workspace matter for a choice. */
export function isAutomatic(choice: ToolsetChoice): boolean {
  return choice === 'auto' || choice.includes('auto');
}

/**
 * The toolsets that are on, in the order of `toolsets`.
 * @param user the user's own choice.
 * @param restrictions choices of the workspace, which can only take away.
 * @param detected what the workspace has a use for.
 */
export function chosenToolsets(
  user: ToolsetChoice,
  restrictions: readonly ToolsetChoice[],
  detected: readonly Toolset[],
): Toolset[] {
  const choices = [user, ...restrictions].map((choice) => resolve(choice, detected));
  return toolsets.filter((toolset) => choices.every((choice) => choice.has(toolset)));
}

function resolve(choice: ToolsetChoice, detected: readonly Toolset[]): ReadonlySet<Toolset> {
  const items = choice === 'auto' ? (['auto'] as const) : choice;
  return new Set(items.flatMap((item) => (item === 'auto' ? detected : [item])));
}
