import * as vscode from 'vscode';
import type { Container } from '../container';
import type { CommandTable } from './commandIds';
import { connectClaudeCode, copyMcpJson } from './connectClient';
import { openConfigFile } from './openConfigFile';
import { rotateToken } from './rotateToken';
import { say } from './say';
import { selectProfile } from './selectProfile';
import { selectRegion } from './selectRegion';
import { showIdentity } from './showIdentity';
import { showToolSchema } from './showToolSchema';
import { verifyIdentity } from './verifyIdentity';

/** Says what each command does. */
export function makeCommandTable(container: Container): CommandTable {
  const { identity, profiles, externalAccess, recorder } = container;
  return {
    'mcpWorkbench.identity.show': () => showIdentity(profiles),
    'mcpWorkbench.identity.selectProfile': (name) => selectProfile(identity, profiles, name),
    'mcpWorkbench.identity.selectRegion': (code) => selectRegion(identity, profiles, code),
    'mcpWorkbench.identity.refresh': async () => {
      identity.invalidate();
      await profiles.reload();
      await verifyIdentity(identity);
    },
    'mcpWorkbench.identity.openConfig': () => openConfigFile(container.environment.configFile),
    'mcpWorkbench.clients.connectClaudeCode': () => connectClaudeCode(externalAccess),
    'mcpWorkbench.clients.copyMcpJson': (form) => copyMcpJson(externalAccess, form),
    'mcpWorkbench.externalAccess.stop': async () => {
      await externalAccess.stop();
      say(vscode.l10n.t('External access is off. Clients that used it are disconnected.'));
    },
    'mcpWorkbench.externalAccess.rotateToken': () => rotateToken(externalAccess),
    'mcpWorkbench.servers.refresh': () => container.serversTree.refresh(),
    'mcpWorkbench.tools.showSchema': async (target) => {
      const { registry } = await container.tools.get();
      await showToolSchema(registry, container.documents, target);
    },
    'mcpWorkbench.inspector.open': async (seq) => {
      const { panel } = await container.inspector.get();
      panel.open(typeof seq === 'number' ? seq : undefined);
    },
    'mcpWorkbench.traffic.pause': () => recorder.pause(true),
    'mcpWorkbench.traffic.resume': () => recorder.pause(false),
    'mcpWorkbench.traffic.clear': () => recorder.clear(),
    'mcpWorkbench.log.show': () => container.log.show(),
  };
}
