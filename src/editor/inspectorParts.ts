import { makeCallableServers, type CallByHandSurroundings } from './callByHand/callByHandParts';
import type { Inspector } from './container';
import { InspectorPanel } from './inspector/inspectorPanel';
import { InspectorViewProvider } from './inspector/inspectorView';
import { SavedFilters, type FilterMemory } from './inspector/savedFilters';
import { makeReplayHost, type ReplaySurroundings } from './inspector/replaySurroundings';
import { SavedInputs } from './inspector/savedInputs';
import type { InspectorContext } from './inspector/webviewConnection';

/** Makes both forms of the inspector. In a file of its own, because it is loaded when one of them is first shown. */
export function makeInspector(
  parts: Omit<InspectorContext, 'servers'>,
  memory: FilterMemory,
  calls: CallByHandSurroundings,
  surroundings: ReplaySurroundings,
): Inspector {
  const savedFilters = new SavedFilters(memory);
  const savedInputs = new SavedInputs(memory);
  const servers = makeCallableServers(calls);
  const replay = makeReplayHost(surroundings, calls.managed, (seq) => panel.open({ seq }));
  const context: InspectorContext = { ...parts, savedFilters, savedInputs, servers, replay };
  const view = new InspectorViewProvider(context);
  const panel = new InspectorPanel(context);
  return {
    view,
    panel,
    servers,
    replay,
    savedInputs,
    dispose() {
      view.dispose();
      panel.dispose();
      savedFilters.dispose();
      savedInputs.dispose();
      servers.dispose();
    },
  };
}
