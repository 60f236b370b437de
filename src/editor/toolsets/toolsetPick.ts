import type { Toolset } from '../../tools/tool';

/** What can be checked in the pick: toolsets, and `auto` for those that the workspace has a use for. */
export type ToolsetName = 'auto' | Toolset;

/**
 * Makes what is checked fit together after a click: checking `auto` checks what it switches on, and unchecking one of
 * those unchecks `auto`, since it would come back by itself.
 * @param before what was checked before the click.
 */
export function fittingChecks(
  checked: ReadonlySet<ToolsetName>,
  before: ReadonlySet<ToolsetName>,
  detected: readonly Toolset[],
): Set<ToolsetName> {
  const fitting = new Set(checked);
  if (!fitting.has('auto')) return fitting;
  if (!before.has('auto')) for (const toolset of detected) fitting.add(toolset);
  else if (detected.some((toolset) => !fitting.has(toolset))) fitting.delete('auto');
  return fitting;
}

/**
 * The setting for what is checked: what is on only by itself is not written down, so that it goes with its project.
 * @param pinned what the setting named before.
 */
export function choiceOf(
  checked: ReadonlySet<ToolsetName>,
  pinned: readonly string[],
  detected: readonly Toolset[],
): ToolsetName[] {
  const isByItself = (name: ToolsetName): boolean =>
    checked.has('auto') && detected.some((toolset) => toolset === name) && !pinned.includes(name);
  return [...checked].filter((name) => !isByItself(name));
}
