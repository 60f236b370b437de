import { escapeUnseen } from '../../core/unseen';
import type { StatisticsRow } from '../statistics';
import type { LoneExchange, TraceComparison } from './compareTraces';

/** Exchanges listed for each side. */
const maxListed = 200;

/**
 * A comparison as a Markdown document.
 * @param names what the two traces are called.
 */
export function comparisonText(comparison: TraceComparison, names: { before: string; after: string }): string {
  const { tools, total, onlyBefore, onlyAfter } = comparison;
  const lines = [
    '# Two traces compared',
    '',
    `- Before: ${code(names.before)}`,
    `- After: ${code(names.after)}`,
    '',
    '| Tool or method | Server | Calls | Errors | p50 ms | Bytes |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...tools.map(
      ({ name, server, before, after }) => `| ${code(name)} | ${code(server)} | ${numbers(before, after)} |`,
    ),
    `| **All** | | ${numbers(total.before, total.after)} |`,
    '',
    ...section('Only before', onlyBefore),
    ...section('Only after', onlyAfter),
  ];
  return lines.join('\n');
}

function section(title: string, exchanges: readonly LoneExchange[]): string[] {
  const listed = exchanges.slice(0, maxListed).map(({ name, asked, status, times }) => {
    const often = times > 1 ? `, ${times} times` : '';
    return `- ${code(name)}, ${status}${often}${asked === '' ? '' : `: ${code(asked)}`}`;
  });
  const rest = exchanges.length - listed.length;
  return [
    `## ${title} (${exchanges.length})`,
    '',
    ...(exchanges.length === 0 ? ['Nothing.'] : listed),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
    '',
  ];
}

function numbers(before: StatisticsRow | undefined, after: StatisticsRow | undefined): string {
  return [
    change(before?.calls, after?.calls),
    change(before?.errors, after?.errors),
    change(before?.p50, after?.p50),
    change(before?.bytes, after?.bytes),
  ].join(' | ');
}

/** `3 → 5 (+2)`; one number where nothing changed, a dash where one side has none. */
function change(before: number | undefined, after: number | undefined): string {
  if (before === after) return before === undefined ? '–' : plain(before);
  if (before === undefined || after === undefined) {
    return `${before === undefined ? '–' : plain(before)} → ${after === undefined ? '–' : plain(after)}`;
  }
  const difference = after - before;
  return `${plain(before)} → ${plain(after)} (${difference > 0 ? '+' : '−'}${plain(Math.abs(difference))})`;
}

function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** Text of others as Markdown code, which renders nothing; a bar would end the cell of a table. */
function code(text: string): string {
  const line = escapeUnseen(text).replaceAll(/\s+/g, ' ').replaceAll('|', '\u2502');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line || ' '}${fence}` : `${fence} ${line} ${fence}`;
}
