import type { ErrorReport } from '../../core/errors';
import { byteLength } from '../../core/byteLength';
import { outsiderNotice } from '../outsiderText';
import type { ToolOutput } from '../resources/toolReads';

/** What was read for a prompt: the output of one tool, or the report of why there is none. */
export interface PromptData {
  tool: string;
  input: Readonly<Record<string, unknown>>;
  /** URI of the resource that shows the same, where there is one. */
  uri?: string;
  output?: ToolOutput;
  error?: ErrorReport;
}

/**
 * Data as JSON: its strings are a boundary that no text in them can leave, and the notice says what stands in it.
 * @param maxBytes UTF-8 bytes that it may take; larger data is left out, and the rest says how to get it.
 */
export function dataText({ tool, input, output, error }: PromptData, maxBytes: number): string {
  const head = { notice: outsiderNotice, tool, input };
  const text = JSON.stringify({ ...head, ...(error ? { error } : { output }) });
  if (byteLength(text) <= maxBytes) return text;
  return JSON.stringify({ ...head, leftOut: `Too large for one prompt. Call ${tool} for it, in parts.` });
}
