import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../core/disposable';
import type { SsoSessions } from '../aws/ssoSessions';
import type { TrafficRecorder } from '../traffic/trafficRecorder';
import type { ProfileCatalog } from './identity/profileCatalog';
import type { ExternalAccess } from './servers/externalAccess';

/** What `when` clauses of the manifest ask for, after `mcpWorkbench.`. */
type ContextKey =
  'noProfile' | 'hasIdentity' | 'hasSession' | 'hasLegacySession' | 'hasCalls' | 'externalAccess' | 'trafficPaused';

export interface ContextKeySources {
  catalog: ProfileCatalog;
  externalAccess: ExternalAccess;
  recorder: TrafficRecorder;
  sessions: SsoSessions;
}

/** Keeps the context keys of the manifest's `when` clauses true to what they are about. */
export function followContextKeys({ catalog, externalAccess, recorder, sessions }: ContextKeySources): Disposable {
  const values = new Map<ContextKey, boolean>();
  const set = (key: ContextKey, value: boolean): void => {
    if (values.get(key) === value) return;
    values.set(key, value);
    void vscode.commands.executeCommand('setContext', `mcpWorkbench.${key}`, value);
  };
  const followIdentity = (): void => {
    const { state, hasNoProfiles } = catalog.current;
    set('noProfile', hasNoProfiles);
    set('hasIdentity', 'identity' in state);
    set('hasSession', sessions.all.length > 0);
    set(
      'hasLegacySession',
      sessions.all.some(({ session }) => session.legacy === true),
    );
  };
  const followAccess = (): void => set('externalAccess', externalAccess.url !== undefined);
  const followTraffic = (): void => set('trafficPaused', recorder.isPaused);
  followIdentity();
  followAccess();
  followTraffic();
  const store = new DisposableStore();
  store.add(catalog.onDidChange(followIdentity));
  store.add(externalAccess.onDidChange(followAccess));
  store.add(
    recorder.onDidChange(({ changed }) => {
      followTraffic();
      if (changed.some(({ method }) => method === 'tools/call')) set('hasCalls', true);
    }),
  );
  return store;
}
