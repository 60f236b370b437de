import * as vscode from 'vscode';
import type { CommandHandler } from '../commands/commandIds';
import type { VirtualDocuments } from '../virtualDocuments';
import type { traceCommandIds } from './traceCommandIds';
import type { TrafficRecording } from './trafficRecording';

/** What the commands about traffic as files work with. */
export interface TrafficFiles {
  documents: VirtualDocuments;
  recording: TrafficRecording;
}

/** Says what each command about traffic as files does; what carries it out is loaded with the first one. */
export function trafficFileCommands({
  documents,
  recording,
}: TrafficFiles): Record<(typeof traceCommandIds)[number], CommandHandler> {
  return {
    'mcpWorkbench.traffic.save': async () => {
      const { saveTraffic } = await import('./traceSaving');
      await saveTraffic(recording.history, '', recording.creator);
    },
    'mcpWorkbench.traffic.compare': async (_clicked, selected) => {
      const { compareTraffic } = await import('./traceCommands');
      const files = Array.isArray(selected)
        ? selected.filter((one): one is vscode.Uri => one instanceof vscode.Uri)
        : [];
      await compareTraffic(recording.history, documents, files);
    },
    'mcpWorkbench.traffic.openEarlier': async () => {
      const { openEarlierTraffic } = await import('./traceCommands');
      await openEarlierTraffic(await recording.store());
    },
  };
}
