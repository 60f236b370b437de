import type { JsonObject } from '../../../../core/json';
import { nodeAt, type ConfigNode } from '../configNode';
import type { FieldReader } from '../fieldReader';
import type { OwnerFormat } from '../ownerFormat';
import type { HttpTemplate, InputDefinition } from '../serverTemplate';
import { commonTypes, readStandardServer, writeStandardServer, type StandardRules } from './standardServer';

/**
 * `mcp.json` of VS Code: `servers` and `inputs`, JSON with comments and trailing commas.
 * Source: code.visualstudio.com/docs/agents/reference/mcp-configuration and the schema in
 * `microsoft/vscode` `src/vs/workbench/contrib/mcp/common/mcpConfiguration.ts`; the `mcp` section of a `.code-workspace`
 * file: `mcpConfigPathsService.ts` there.
 */
export const vscodeFormat: OwnerFormat = {
  owner: 'vscode',
  syntax: 'jsonc',
  keeps: (path) => path.length > 1 || ['servers', 'inputs', 'settings'].includes(path[0] ?? ''),
  lists: (_root, file) => {
    const section = file.section ?? [];
    return [{ path: [...section, 'servers'], inputsPath: [...section, 'inputs'] }];
  },
  read: (fields) => readStandardServer(fields, vscodeRules),
  write: (template) =>
    writeStandardServer(template, {
      types: { stdio: 'stdio', http: 'http', sse: 'sse' },
      stdioFields: ['cwd', 'envFile'],
      writeOauth: ({ clientId }): JsonObject => (clientId === undefined ? {} : { oauth: { clientId } }),
    }),
};

/** How VS Code writes an entry; our own setting does the same and adds to it. */
export const vscodeRules: StandardRules = {
  types: commonTypes,
  urlFields: [{ name: 'url', transport: 'http' }],
  stdioFields: ['cwd', 'envFile'],
  oauth: readOauth,
};

function readOauth(fields: FieldReader): HttpTemplate['oauth'] {
  const clientId = fields.object('oauth')?.string('clientId');
  return clientId === undefined ? undefined : { clientId };
}

/** Where inputs that nobody defined twice are reported. */
type WarnInput = (message: string, node: ConfigNode) => void;

/**
 * Reads the `inputs` of an `mcp.json`.
 * Source: code.visualstudio.com/docs/reference/variables-reference, "Input variables".
 */
export function readInputs(
  root: ConfigNode | undefined,
  path: readonly string[],
  warn: WarnInput,
): Map<string, InputDefinition> {
  const inputs = new Map<string, InputDefinition>();
  const list = nodeAt(root, path);
  if (list === undefined) return inputs;
  if (list.kind !== 'array') {
    warn('"inputs" must be a list.', list);
    return inputs;
  }
  for (const item of list.items) {
    const input = readInput(item);
    if (!input) warn('An input needs an "id", and a "type" that is promptString, pickString or command.', item);
    else if (inputs.has(input.id)) warn('There are two inputs with this "id"; the first one counts.', item);
    else inputs.set(input.id, input);
  }
  return inputs;
}

function readInput(node: ConfigNode): InputDefinition | undefined {
  const id = textAt(node, 'id');
  const type = textAt(node, 'type');
  if (id === undefined || id === '') return undefined;
  if (type !== 'promptString' && type !== 'pickString' && type !== 'command') return undefined;
  const description = textAt(node, 'description');
  const fallback = textAt(node, 'default');
  const command = textAt(node, 'command');
  const password = nodeAt(node, ['password']);
  const options = nodeAt(node, ['options']);
  return {
    id,
    type,
    isPassword: password?.kind === 'scalar' && password.value === true,
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(command === undefined ? {} : { command }),
    ...(options?.kind === 'array' ? { options: options.items.flatMap((item) => readOption(item)) } : {}),
  };
}

function readOption(node: ConfigNode): { label: string; value: string }[] {
  if (node.kind === 'scalar' && typeof node.value === 'string') return [{ label: node.value, value: node.value }];
  const value = textAt(node, 'value');
  return value === undefined ? [] : [{ label: textAt(node, 'label') ?? value, value }];
}

function textAt(node: ConfigNode, name: string): string | undefined {
  const found = nodeAt(node, [name]);
  return found?.kind === 'scalar' && typeof found.value === 'string' ? found.value : undefined;
}
