import type { Tool } from '@modelcontextprotocol/client';
import { duplicateFinding, lintItem } from '../caller/schemaLint';

/** Something about a tool that makes models or clients stumble. */
export interface SchemaProblem {
  tool: string;
  message: string;
}

/** Looks for what clients refuse and what models cannot use; mere advice is left out. */
export function lintTools(tools: readonly Tool[]): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const names = new Set<string>();
  for (const tool of tools) {
    const findings = lintItem('tools', tool);
    if (names.has(tool.name)) findings.unshift(duplicateFinding('tools'));
    names.add(tool.name);
    for (const { severity, path, text } of findings) {
      if (severity === 'info') continue;
      problems.push({ tool: tool.name, message: path?.match(/^\w+putSchema/) ? `${text} (${path})` : text });
    }
  }
  return problems;
}
