import type { InspectorRow } from '../../src/protocol/inspector';
import { whyNotReplayable } from '../../src/traffic/replay/replayable';
import { nameOf } from '../describeRow';
import { filterTerm } from '../../src/traffic/filterTerm';
import type { InspectorModel } from '../inspectorModel';
import type { ReplayModel } from '../replay/replayModel';
import type { MenuItem } from '../ui/popupMenu';

/** What can be done with a row. */
export function rowMenu(model: InspectorModel, row: InspectorRow, replay: ReplayModel): MenuItem[] {
  const add = (term: string): void => model.setFilter(`${model.filter.trim()} ${term}`.trim());
  const isCall = row.method === 'tools/call' && row.target !== undefined;
  const what = isCall ? filterTerm('tool', row.target ?? '') : filterTerm('method', row.method);
  const items: MenuItem[] = [
    { label: 'Open', hint: 'Enter', onSelect: () => model.openDetail() },
    ...replayItems(model, row, replay),
    'separator',
    { label: isCall ? 'Show only this tool' : 'Show only this method', onSelect: () => add(what) },
    { label: isCall ? 'Hide this tool' : 'Hide this method', onSelect: () => add(`-${what}`) },
    { label: 'Show only this client', onSelect: () => add(filterTerm('client', row.client)) },
    { label: 'Show only this server', onSelect: () => add(filterTerm('server', row.server)) },
    { label: 'Show only this session', onSelect: () => add(filterTerm('session', row.session)) },
    'separator',
    { label: 'Copy name', onSelect: () => model.copy(nameOf(row).name) },
    { label: row.kind === 'notification' ? 'Copy message' : 'Copy request', onSelect: () => model.copyBody(row.seq) },
  ];
  const { response } = row;
  if (response) items.push({ label: 'Copy response', onSelect: () => model.copyBody(response.seq) });
  return items;
}

/** Running again what is selected, or this row. */
function replayItems(model: InspectorModel, row: InspectorRow, replay: ReplayModel): MenuItem[] {
  const { selection } = model;
  if (selection.size > 1 && selection.has(row.seq)) {
    return [{ label: `Replay these ${selection.size}`, hint: 'r', onSelect: () => replay.addRecorded(selection.list) }];
  }
  if (whyNotReplayable(row) !== undefined) return [];
  const open = (): void => {
    model.setTab('replay');
    model.openDetail();
  };
  return [
    { label: 'Replay', hint: 'r', onSelect: open },
    { label: 'Add to the replay sequence', onSelect: () => replay.addRecorded([row.seq]) },
  ];
}
