import * as vscode from 'vscode';
import type { Container } from '../container';
import { platformCommands } from '../policy/platformCommands';
import { managedCommands } from '../managedServers/managedCommands';
import {
  copyAccountIdCommand,
  filterCommand,
  labelAccountCommand,
  pickRoleOf,
  pinRoleCommand,
  refreshAccountsCommand,
  saveAsProfileCommand,
  selectRoleCommand,
  stopListingCommand,
  type RoleCommandsOptions,
} from './roleCommands';
import {
  addSessionCommand,
  convertLegacyCommand,
  renewCommand,
  signInCommand,
  signOutCommand,
  type SessionCommandsOptions,
} from './sessionCommands';
import type { CommandTable } from './commandIds';
import { connectClaudeCode, copyMcpJson } from './connectClient';
import { readInspectorLink } from '../inspector/inspectorLink';
import { trafficFilterOf } from '../inspector/trafficOfRow';
import { trafficFileCommands } from '../inspector/trafficFileCommands';
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
  const { identity, profiles, externalAccess, recorder, documents, accounts, lists, pins, awsTree } = container;
  const { actions, mfa } = container;
  const verify = (): Promise<void> => verifyIdentity({ identity, actions, mfa });
  const configFile = (): string => container.environment.configFile;
  const sessions: SessionCommandsOptions = {
    identity,
    actions,
    documents,
    configFile,
    verify,
    unfold: (session) => awsTree.unfold(session),
    pickRole: (session) => pickRoleOf(roles, session),
  };
  const roles: RoleCommandsOptions = {
    identity,
    profiles,
    lists,
    pins,
    accounts,
    documents,
    tree: awsTree,
    configFile,
    verify,
    signIn: () => signInCommand(sessions),
  };
  return {
    'mcpWorkbench.identity.show': () => showIdentity(profiles, identity),
    'mcpWorkbench.identity.selectProfile': (name) => selectProfile(identity, profiles, verify, name),
    'mcpWorkbench.identity.selectRegion': (code) => selectRegion(identity, profiles, verify, code),
    'mcpWorkbench.identity.refresh': async () => {
      identity.invalidate();
      await profiles.reload();
      await verify();
    },
    'mcpWorkbench.identity.openConfig': () => openConfigFile(configFile()),
    'mcpWorkbench.sso.signIn': (target) => signInCommand(sessions, target),
    'mcpWorkbench.sso.signOut': (target) => signOutCommand(sessions, target),
    'mcpWorkbench.sso.renew': (target) => renewCommand(sessions, target),
    'mcpWorkbench.sso.addSession': () => addSessionCommand(sessions),
    'mcpWorkbench.sso.convertLegacy': (target) => convertLegacyCommand(sessions, target),
    'mcpWorkbench.aws.selectRole': (target) => selectRoleCommand(roles, target),
    'mcpWorkbench.aws.saveAsProfile': (target) => saveAsProfileCommand(roles, target),
    'mcpWorkbench.aws.pinRole': (target) => pinRoleCommand(roles, true, target),
    'mcpWorkbench.aws.unpinRole': (target) => pinRoleCommand(roles, false, target),
    'mcpWorkbench.aws.labelAccount': (target) => labelAccountCommand(roles, target),
    'mcpWorkbench.aws.copyAccountId': (target) => copyAccountIdCommand(roles, target),
    'mcpWorkbench.aws.filter': (words) => filterCommand(roles, words),
    'mcpWorkbench.aws.clearFilter': () => filterCommand(roles, ''),
    'mcpWorkbench.aws.refresh': (target) => refreshAccountsCommand(roles, target),
    'mcpWorkbench.aws.stopListing': (target) => stopListingCommand(roles, target),
    'mcpWorkbench.clients.connectClaudeCode': () => connectClaudeCode(externalAccess),
    'mcpWorkbench.clients.copyMcpJson': (form) => copyMcpJson(externalAccess, form),
    'mcpWorkbench.externalAccess.stop': async () => {
      await externalAccess.stop();
      say(vscode.l10n.t('External access is off. Clients that used it are disconnected.'));
    },
    'mcpWorkbench.externalAccess.rotateToken': () => rotateToken(externalAccess),
    'mcpWorkbench.servers.refresh': async () => {
      await container.managed.refresh();
      container.serversTree.refresh();
    },
    ...managedCommands(container.managed),
    'mcpWorkbench.tools.showSchema': async (target) => {
      const { registry } = await container.tools.get();
      await showToolSchema(registry, container.documents, target);
    },
    ...platformCommands(container),
    'mcpWorkbench.inspector.open': async (link) => {
      const { panel } = await container.inspector.get();
      panel.open(readInspectorLink(link));
    },
    'mcpWorkbench.traffic.showFor': async (row) => {
      const { panel } = await container.inspector.get();
      panel.open({ filter: trafficFilterOf(row) ?? '' });
    },
    'mcpWorkbench.schemas.show': async (row) => {
      const { offerOfRow } = await import('../inspector/offerOfRow');
      const { panel } = await container.inspector.get();
      panel.showSchema(offerOfRow(row));
    },
    'mcpWorkbench.traffic.pause': () => recorder.pause(true),
    'mcpWorkbench.traffic.resume': () => recorder.pause(false),
    'mcpWorkbench.traffic.clear': () => container.recording.history.clear(),
    ...trafficFileCommands(container),
    'mcpWorkbench.log.show': () => container.log.show(),
  };
}
