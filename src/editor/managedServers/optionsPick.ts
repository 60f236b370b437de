import * as vscode from 'vscode';
import { escapeUnseen } from '../../core/unseen';
import type { KnownServer } from './knownServer';
import { pickSigning, signingWords } from './signingPick';
import { readServerOptions, writeServerOptions, type ServerOptions } from './serverOptions';

type Choice = 'tools' | 'readOnly' | 'namePrefix' | 'validateArguments' | 'auth';

/** Lets a person choose what is changed between clients and a server, until they have done. */
export async function editOptions(server: KnownServer): Promise<void> {
  for (;;) {
    const now = readServerOptions(server.title);
    const on = vscode.l10n.t('on');
    const off = vscode.l10n.t('off');
    const isWeb = server.entry.template.transport !== 'stdio';
    const { signing } = server;
    const items: (vscode.QuickPickItem & { choice: Choice })[] = [
      {
        choice: 'tools',
        label: vscode.l10n.t('Only some tools'),
        description: now.tools ? vscode.l10n.t('{0} picked', now.tools.length) : off,
        detail: vscode.l10n.t('Clients see the tools that you pick, and no others.'),
      },
      {
        choice: 'readOnly',
        label: vscode.l10n.t('Only tools that read'),
        description: now.readOnly ? on : off,
        detail: vscode.l10n.t('As the server says of itself; whether that is true nobody checks.'),
      },
      {
        choice: 'namePrefix',
        label: vscode.l10n.t('Prefix of tool names'),
        description: now.namePrefix ?? off,
      },
      {
        choice: 'validateArguments',
        label: vscode.l10n.t('Check arguments'),
        description: now.validateArguments ? on : off,
        detail: vscode.l10n.t('Calls that do not fit the schema of the tool are refused before the server sees them.'),
      },
      ...(isWeb
        ? [
            {
              choice: 'auth' as const,
              label: vscode.l10n.t('Sign requests with AWS credentials'),
              description: signing ? signingWords(signing) || on : off,
              detail: vscode.l10n.t('For a server behind IAM: as the role that is picked at the time of the request.'),
            },
          ]
        : []),
    ];
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t('Options of {0}', server.title),
      placeHolder: vscode.l10n.t('They hold for clients that reach it through MCP Workbench'),
      // What is chosen changes settings and rows meanwhile, and must not close it.
      ignoreFocusOut: true,
    });
    if (!picked) return;
    const next = await change(server, picked.choice, now);
    if (next) await writeServerOptions(server.title, next);
  }
}

async function change(server: KnownServer, choice: Choice, now: ServerOptions): Promise<ServerOptions | undefined> {
  switch (choice) {
    case 'readOnly':
      return { ...now, readOnly: now.readOnly !== true };
    case 'validateArguments':
      return { ...now, validateArguments: now.validateArguments !== true };
    case 'namePrefix': {
      const { namePrefix: before, ...rest } = now;
      const prefix = await vscode.window.showInputBox({
        title: vscode.l10n.t('Prefix of tool names'),
        prompt: vscode.l10n.t('Empty for none'),
        value: before ?? '',
        validateInput: (value) =>
          /^[A-Za-z0-9_.-]{0,32}$/.test(value)
            ? undefined
            : vscode.l10n.t('Use up to 32 letters, digits, dots, hyphens and underscores.'),
      });
      if (prefix === undefined) return undefined;
      return prefix === '' ? rest : { ...rest, namePrefix: prefix };
    }
    case 'auth':
      return changeSigning(server, now);
    case 'tools':
      break;
  }
  return pickTools(server, now);
}

async function changeSigning(server: KnownServer, now: ServerOptions): Promise<ServerOptions | undefined> {
  const { template } = server.entry;
  if (template.transport === 'stdio') return undefined;
  const { auth: before, ...rest } = now;
  const signing = await pickSigning(template.url, before);
  if (signing === undefined) return undefined;
  return signing === null ? rest : { ...rest, auth: { type: 'sigv4', ...signing } };
}

async function pickTools(server: KnownServer, now: ServerOptions): Promise<ServerOptions | undefined> {
  const { tools: before, ...rest } = now;
  const tools = await server.list('tools', { isByPerson: true }, AbortSignal.timeout(120_000));
  const items = tools.map(({ name, description }) => ({
    label: escapeUnseen(name),
    detail: escapeUnseen(description ?? '').slice(0, 200),
    picked: before?.includes(name) ?? true,
    name,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Tools of {0} that clients see', server.title),
    canPickMany: true,
    matchOnDetail: true,
  });
  if (!picked) return undefined;
  // All of them means also those that come later.
  return picked.length === tools.length ? rest : { ...rest, tools: picked.map(({ name }) => name) };
}
