import type { InspectorBridge } from './inspectorBridge';

/** What the other views of a page need from its list: to read a filter as the list reads its own. */
export type FilterReader = Pick<InspectorBridge, 'readFilter' | 'onDidFind'>;
