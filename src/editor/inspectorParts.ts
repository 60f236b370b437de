import type { Inspector } from './container';
import { InspectorPanel } from './inspector/inspectorPanel';
import { InspectorViewProvider } from './inspector/inspectorView';
import type { InspectorContext } from './inspector/webviewConnection';

/** Makes both forms of the inspector. In a file of its own, because it is loaded when one of them is first shown. */
export function makeInspector(context: InspectorContext): Inspector {
  const view = new InspectorViewProvider(context);
  const panel = new InspectorPanel(context);
  return {
    view,
    panel,
    dispose() {
      view.dispose();
      panel.dispose();
    },
  };
}
