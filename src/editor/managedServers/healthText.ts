import { escapeUnseen } from '../../core/unseen';
import type { HealthReport } from '../../mcp/upstream/serverHealth';
import type { KnownServer } from './knownServer';

/** What a check found, as a text document. Words of the server are shown on one line, with what is invisible visible. */
export function healthText(server: KnownServer, report: HealthReport): string {
  const { introduction } = server;
  const { sizes, problems, changes, latencyMs } = report;
  const lines = [
    `# ${line(server.title)}`,
    '',
    `Checked ${new Date(report.checkedAt).toLocaleString()}. It answered in ${latencyMs.toFixed(1)} ms.`,
    ...(introduction
      ? [
          `It calls itself ${line(introduction.title ?? introduction.name)} ${line(introduction.version)} and speaks MCP ${line(introduction.protocolVersion)}.`,
        ]
      : []),
    '',
    '## What its lists cost a model (estimated tokens)',
    '',
    `- tools: ${report.tools.length}, ~${sizes.tools}`,
    `- resources: ~${sizes.resources}`,
    `- resource templates: ~${sizes.resourceTemplates}`,
    `- prompts: ~${sizes.prompts}`,
    '',
    ...(sizes.largestTools.length > 0
      ? ['The largest tools:', '', ...sizes.largestTools.map(({ name, tokens }) => `- ${line(name)}: ~${tokens}`), '']
      : []),
    '## What clients and models may stumble over',
    '',
    ...(problems.length === 0
      ? ['Nothing was found.']
      : problems.map(({ tool, message }) => `- ${line(tool)}: ${line(message)}`)),
    '',
    '## What changed since you last looked',
    '',
  ];
  if (!changes) lines.push('This is the first look: the next check compares with it.');
  else {
    const { added, removed, changed } = changes;
    if (added.length + removed.length + changed.length === 0) lines.push('Nothing.');
    for (const name of added) lines.push(`- added: ${line(name)}`);
    for (const name of removed) lines.push(`- removed: ${line(name)}`);
    for (const { name, parts } of changed) lines.push(`- changed: ${line(name)} (${parts.join(', ')})`);
  }
  return `${lines.join('\n')}\n`;
}

/** Tools as a text that two versions of can be compared line by line: sorted, with what is invisible visible. */
export function toolsText(tools: readonly { name: string }[]): string {
  const sorted = [...tools].sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0));
  return `${escapeUnseen(JSON.stringify(sorted, sortedMembers, 2))}\n`;
}

function sortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (sortKey(left) < sortKey(right) ? -1 : 1)));
}

/** What a person reads first comes first. */
function sortKey(name: string): string {
  const rank = ['name', 'title', 'description'].indexOf(name);
  return rank === -1 ? `~${name}` : String(rank);
}

function line(text: string): string {
  return escapeUnseen(text).replaceAll(/\s+/g, ' ').slice(0, 300);
}
