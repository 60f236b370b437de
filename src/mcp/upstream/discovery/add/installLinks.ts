import { parseJsonText } from '../jsonText';
import { LineIndex } from '../sourceText';
import type { ParsedNewServers } from './newServer';
import { readPastedObject } from './pastedConfig';

/**
 * Reads the links that "Install in VS Code" and "Add to Cursor" buttons carry.
 * - `vscode:mcp/install?{json}`, also `vscode-insiders:` and with `//`; `https://vscode.dev/redirect?url=` around it;
 *   `https://vscode.dev/redirect/mcp/install?name=…&config={json}&inputs=[json]`.
 * - `cursor://anysphere.cursor-deeplink/mcp/install?name=…&config=<base64 of json>`, and the same on `cursor.com`.
 *
 * Source: code.visualstudio.com/api/extension-guides/ai/mcp ("Create an MCP installation URL"), microsoft/vscode#243228;
 * cursor.com/docs/context/mcp/install-links.
 * @returns `undefined` where the text is no such link.
 */
export function parseInstallLink(text: string): ParsedNewServers | undefined {
  const direct = /^(?:vscode|vscode-insiders|vscodium|code-oss):(?:\/\/)?mcp\/install\?(.*)$/s.exec(text);
  if (direct) return fromJson(decode(direct[1] ?? ''));
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (/^(?:insiders\.)?vscode\.dev$/.test(url.hostname) && url.pathname === '/redirect') {
    const inner = url.searchParams.get('url');
    return inner === null ? undefined : parseInstallLink(inner);
  }
  const isVscode = /^(?:insiders\.)?vscode\.dev$/.test(url.hostname) && url.pathname === '/redirect/mcp/install';
  const isCursor =
    (url.protocol === 'cursor:' && url.pathname.endsWith('/mcp/install')) ||
    (/^(?:www\.)?cursor\.com$/.test(url.hostname) && url.pathname.endsWith('/install-mcp'));
  if (!isVscode && !isCursor) return undefined;
  const name = url.searchParams.get('name') ?? undefined;
  const config = url.searchParams.get('config') ?? '';
  const inputs = url.searchParams.get('inputs');
  return fromJson(jsonOf(config), name, inputs ?? undefined);
}

/** Links have JSON, or base64 of it; a plus sign of base64 reads as a space in a query. */
function jsonOf(config: string): string {
  if (config.trimStart().startsWith('{')) return config;
  return Buffer.from(config.replaceAll(' ', '+'), 'base64').toString('utf8');
}

function fromJson(json: string, name?: string, inputs?: string): ParsedNewServers {
  const whole = inputs === undefined ? json : json.replace(/\}\s*$/, `, "inputs": ${inputs}}`);
  const { root, problems } = parseJsonText(whole);
  if (root?.kind === 'object' && !problems.some(({ severity }) => severity === 'error')) {
    return readPastedObject(root, new LineIndex(whole), name);
  }
  return { choice: 'all', servers: [], problems: ['The link does not hold a configuration in JSON.'] };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
