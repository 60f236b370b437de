import * as vscode from 'vscode';
import { ownServerKey } from '../../mcp/caller/ownServer';
import type { ManagedServers } from '../managedServers/managedServers';
import type { VirtualDocuments } from '../virtualDocuments';
import type { ReplayHost } from './replayBridge';
import { endpointOfServer } from './serverEndpoints';

export interface ReplaySurroundings {
  documents: () => VirtualDocuments;
  /** The address of our own server while it can be reached from outside the editor. */
  externalUrl: () => string | undefined;
}

let diffCount = 0;

/** What replay can do in this window besides sending calls. */
export function makeReplayHost(
  { documents, externalUrl }: ReplaySurroundings,
  managed: ManagedServers,
  reveal: (seq: number) => void,
): Required<Pick<ReplayHost, 'openDiff' | 'endpointOf' | 'revealLive'>> {
  return {
    openDiff: (title, left, right) => {
      const folder = `/replay/${++diffCount}`;
      const before = documents().put(`${folder}/recorded.json`, left);
      const after = documents().put(`${folder}/new.json`, right);
      void vscode.commands.executeCommand('vscode.diff', before, after, title, { preview: true });
    },
    endpointOf: async (key) => {
      if (key === ownServerKey) {
        const url = externalUrl();
        return { transport: 'http', needsToken: true, ...(url === undefined ? {} : { url }) };
      }
      const { supervisor } = (await managed.load()).catalog.get(key) ?? {};
      return supervisor && endpointOfServer(supervisor.server);
    },
    revealLive: reveal,
  };
}
