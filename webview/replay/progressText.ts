import type { ReplayStepState } from '../../src/protocol/replay';
import { shown } from '../format';

/** How far a call is, as far as its server says. */
export function progressText(progress: ReplayStepState['progress']): string {
  if (!progress) return 'Running';
  const { progress: done, total, message } = progress;
  const far = total === undefined ? String(done) : `${done} of ${total}`;
  return message === undefined ? far : `${far}: ${shown(message)}`;
}
