import { makeCallableServers, type CallByHandSurroundings } from './callByHand/callByHandParts';
import type { Inspector } from './container';
import { InspectorPanel } from './inspector/inspectorPanel';
import { InspectorViewProvider } from './inspector/inspectorView';
import { SavedFilters, type FilterMemory } from './inspector/savedFilters';
import type { InspectorContext } from './inspector/webviewConnection';

/** Makes both forms of the inspector. In a file of its own, because it is loaded when one of them is first shown. */
export function makeInspector(
  parts: Omit<InspectorContext, 'servers'>,
  memory: FilterMemory,
  calls: CallByHandSurroundings,
): Inspector {
  const savedFilters = new SavedFilters(memory);
  const servers = makeCallableServers(calls);
  const context: InspectorContext = { ...parts, savedFilters, servers };
  const view = new InspectorViewProvider(context);
  const panel = new InspectorPanel(context);
  return {
    view,
    panel,
    servers,
    dispose() {
      view.dispose();
      panel.dispose();
      savedFilters.dispose();
      servers.dispose();
    },
  };
}
