import * as path from 'node:path';
import type { Event } from '../../core/emitter';
import type { Logger } from '../../core/logger';
import type { CallRecords } from '../../mcp/caller/callTracker';
import { OwnServer } from '../../mcp/caller/ownServer';
import type { ManagedServers } from '../managedServers/managedServers';
import { serverLabel } from '../mcpProvider';
import type { ServerHost } from '../servers/serverHost';
import { askInEditor } from './elicitationDialog';
import { EditorCallableServers } from './editorCallableServers';
import { SeenLists } from './seenLists';

export interface CallByHandSurroundings {
  host: ServerHost;
  managed: ManagedServers;
  recorder: CallRecords;
  logger: Logger;
  version: string;
  /** A folder of our own, for what the user has seen. */
  storage: string;
  /** Fire when our own server offers something else. */
  onDidChangeOffer: readonly Event<unknown>[];
}

/** Makes what servers are called by hand through; it is loaded with the inspector. */
export function makeCallableServers(surroundings: CallByHandSurroundings): EditorCallableServers {
  const { host, managed, recorder, logger, version, storage, onDidChangeOffer } = surroundings;
  return new EditorCallableServers({
    own: new OwnServer({
      label: serverLabel,
      version,
      start: () => host.start(),
      isRunning: () => host.isRunning,
      records: recorder,
      answer: askInEditor,
      onDidChangeOffer,
      onDidChangeState: host.onDidChange,
    }),
    seen: new SeenLists(path.join(storage, 'serverLists')),
    loadCatalog: async () => (await managed.load()).catalog,
    logger,
  });
}
