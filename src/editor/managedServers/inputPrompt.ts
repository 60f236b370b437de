import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { canonicalJson } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import type { ServerEntry } from '../../mcp/upstream/discovery/serverEntry';
import type { InputDefinition } from '../../mcp/upstream/discovery/serverTemplate';

/** Asks for values of `${input:…}` once and keeps them in the secret storage, as VS Code does for its own. */
export class InputPrompt {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  /** @param mayAsk false: only what was entered before. @returns `undefined` where there is no value. */
  async value(input: InputDefinition, entry: ServerEntry, mayAsk: boolean): Promise<string | undefined> {
    if (input.type === 'command') {
      // Its own value every time, as VS Code has it; the entry was agreed to before anything is resolved.
      if (input.command === undefined || !mayAsk) return undefined;
      const value = await vscode.commands.executeCommand(input.command, input.args);
      return typeof value === 'string' ? value : undefined;
    }
    const key = keyOf(input.id, entry);
    const kept = await this.#secrets.get(key);
    if (kept !== undefined || !mayAsk) return kept;
    const value = await ask(input, entry);
    if (value !== undefined) await this.#secrets.store(key, value);
    return value;
  }

  /** Forgets what was entered for an entry, so that it is asked for again. */
  async forget(entry: ServerEntry): Promise<void> {
    const written = JSON.stringify(entry.template);
    const ids = [...written.matchAll(/\$\{input:([^}]+)\}/g)].map(([, id]) => id ?? '');
    for (const id of new Set([...entry.inputs.keys(), ...ids])) await this.#secrets.delete(keyOf(id, entry));
  }
}

async function ask(input: InputDefinition, entry: ServerEntry): Promise<string | undefined> {
  const title = vscode.l10n.t('A value for the server {0}', shown(entry.name));
  const prompt = shown(input.description ?? input.id);
  if (input.type === 'pickString') {
    const items = (input.options ?? []).map(({ label, value }) => ({ label: shown(label), value }));
    const picked = await vscode.window.showQuickPick(items, { title, placeHolder: prompt, ignoreFocusOut: true });
    return picked?.value;
  }
  return vscode.window.showInputBox({
    title,
    prompt,
    password: input.isPassword,
    ignoreFocusOut: true,
    ...(input.default === undefined ? {} : { value: input.default }),
  });
}

function keyOf(id: string, entry: ServerEntry): string {
  const place = createHash('sha256')
    .update(canonicalJson([entry.owner, entry.file.path, id]))
    .digest('hex');
  return `mcp.input.${place.slice(0, 32)}`;
}

function shown(text: string): string {
  return escapeUnseen(text).replaceAll(/\s+/g, ' ').slice(0, 200);
}
