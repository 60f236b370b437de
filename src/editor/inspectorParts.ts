import type { Inspector } from './container';
import { InspectorPanel } from './inspector/inspectorPanel';
import { InspectorViewProvider } from './inspector/inspectorView';
import { SavedFilters, type FilterMemory } from './inspector/savedFilters';
import type { InspectorContext } from './inspector/webviewConnection';

/** Makes both forms of the inspector. In a file of its own, because it is loaded when one of them is first shown. */
export function makeInspector(parts: InspectorContext, memory: FilterMemory): Inspector {
  const savedFilters = new SavedFilters(memory);
  const context: InspectorContext = { ...parts, savedFilters };
  const view = new InspectorViewProvider(context);
  const panel = new InspectorPanel(context);
  return {
    view,
    panel,
    dispose() {
      view.dispose();
      panel.dispose();
      savedFilters.dispose();
    },
  };
}
