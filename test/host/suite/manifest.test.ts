import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/editor/commands/commandIds';
import { numberSettings } from '../../../src/editor/settings/settingValues';
import { toolsets } from '../../../src/tools/tool';
import { container } from './editor';

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string }[]>;
    configuration: {
      properties: Record<string, { default: unknown; minimum?: number; maximum?: number; items?: { enum?: string[] } }>;
    }[];
    viewsWelcome: { contents: string }[];
    walkthroughs: { steps: { description: string }[] }[];
  };
}

function manifest(): Manifest {
  return vscode.extensions.getExtension('mcp-workbench.mcp-workbench')?.packageJSON as Manifest;
}

describe('The manifest', () => {
  before(container);

  it('declares exactly the commands that have a handler', () => {
    const declared = manifest().contributes.commands.map(({ command }) => command);
    assert.deepEqual(declared.toSorted(), [...commandIds].sort());
  });

  it('declares only commands that the editor has', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    for (const id of commandIds) assert(registered.has(id), `${id} is not registered`);
  });

  it('names only declared commands in menus, welcome texts and the walkthrough', () => {
    const { contributes } = manifest();
    const known: ReadonlySet<string> = new Set(commandIds);
    const texts = [
      ...contributes.viewsWelcome.map(({ contents }) => contents),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description)),
    ];
    const linked = texts.flatMap((text) => [...text.matchAll(/command:(mcpWorkbench[\w.]+)/g)].map(([, id]) => id));
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    assert(linked.length > 0);
    for (const id of [...linked, ...inMenus]) assert(id !== undefined && known.has(id), `${id} is not declared`);
  });

  it('translates every title', () => {
    for (const { command, title, category } of manifest().contributes.commands) {
      assert.doesNotMatch(`${title}${category}`, /%/, command);
    }
  });

  it('gives every setting the default that the code expects', () => {
    const settings = new Map(
      manifest().contributes.configuration.flatMap(({ properties }) => Object.entries(properties)),
    );
    assert.equal(settings.get('mcpWorkbench.access')?.default, 'readOnly');
    assert.equal(settings.get('mcpWorkbench.externalAccess.enabled')?.default, false);
    assert.deepEqual(settings.get('mcpWorkbench.toolsets')?.default, [
      'auto',
      ...toolsets.filter((name) => name !== 'cdk'),
    ]);
    assert.deepEqual(settings.get('mcpWorkbench.toolsets')?.items?.enum, ['auto', ...toolsets]);
    for (const [name, limits] of Object.entries(numberSettings)) {
      const { default: usual, minimum, maximum } = settings.get(`mcpWorkbench.${name}`) ?? {};
      assert.deepEqual({ default: usual, minimum, maximum }, limits, name);
    }
  });
});
