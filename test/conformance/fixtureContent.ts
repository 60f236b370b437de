import type { CallToolResult, ContentBlock, InputRequiredResult, Tool } from '@modelcontextprotocol/server';
import type { FeatureRequest } from '../../src/mcp/server/serverFeatures';

/** A PNG of one red pixel. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** A WAV file without samples. */
export const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';

export function text(value: string): ContentBlock {
  return { type: 'text', text: value };
}

export const image: ContentBlock = { type: 'image', data: png, mimeType: 'image/png' };

/** A tool that a suite expects, with what it does. */
export interface FixtureTool extends Omit<Tool, 'inputSchema'> {
  inputSchema?: Tool['inputSchema'];
  run(
    input: Record<string, unknown>,
    request: FeatureRequest,
  ): CallToolResult | InputRequiredResult | Promise<CallToolResult | InputRequiredResult>;
}
