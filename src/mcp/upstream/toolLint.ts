import type { Tool } from '@modelcontextprotocol/client';
import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';

/** Something about a tool that makes models or clients stumble. */
export interface SchemaProblem {
  tool: string;
  message: string;
}

const maxDepth = 64;

/** Looks for what clients refuse and what models cannot use. Network references in schemas are never followed. */
export function lintTools(tools: readonly Tool[]): SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  const names = new Set<string>();
  for (const tool of tools) {
    const report = (message: string): void => void problems.push({ tool: tool.name, message });
    if (names.has(tool.name)) report('There is another tool of the same name.');
    names.add(tool.name);
    if (!/^[A-Za-z0-9_.-]{1,128}$/.test(tool.name)) {
      report('The name should have 1 to 128 letters, digits, underscores, hyphens and dots.');
    } else if (tool.name.length > 64) report('Some clients allow only 64 characters in a name.');
    if (!tool.description) report('There is no description, so a model has only the name to go by.');
    else if (escapeUnseen(tool.description) !== tool.description) {
      report('The description has characters that are not seen, which can hide instructions to a model.');
    }
    lintSchema(tool.inputSchema, 'inputSchema', report);
    if (tool.outputSchema !== undefined) lintSchema(tool.outputSchema, 'outputSchema', report);
  }
  return problems;
}

function lintSchema(schema: unknown, where: string, report: (message: string) => void): void {
  if (!isRecord(schema) || schema['type'] !== 'object') {
    report(`${where} must have the type "object".`);
    return;
  }
  const { properties, required } = schema;
  if (Array.isArray(required)) {
    for (const name of required as unknown[]) {
      if (typeof name === 'string' && !(isRecord(properties) && name in properties)) {
        report(`${where} requires ${name}, which it does not describe.`);
      }
    }
  }
  walk(schema, where, 0, report);
}

function walk(node: unknown, where: string, depth: number, report: (message: string) => void): void {
  if (depth > maxDepth) {
    report(`${where} nests deeper than ${maxDepth} levels.`);
    return;
  }
  if (Array.isArray(node)) {
    for (const entry of node as unknown[]) walk(entry, where, depth + 1, report);
  } else if (isRecord(node)) {
    const { $ref: reference } = node;
    if (typeof reference === 'string' && !reference.startsWith('#')) {
      report(`${where} refers to ${reference}, which clients must not fetch.`);
    }
    for (const member of Object.values(node)) walk(member, where, depth + 1, report);
  }
}
