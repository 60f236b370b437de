import type { InspectorRow } from '../src/protocol/inspector';
import type { ExchangeStatus, WireSummary } from '../src/traffic/wireRecord';
import { shown, spokenDuration } from './format';
import type { IconName } from './ui/codicons';

/** How a row looks besides its numbers. */
export interface RowLook {
  icon: IconName;
  /** Says in a word what the icon says. */
  state: string;
  /** Class that gives the icon its colour. */
  tone: 'ok' | 'failed' | 'muted';
}

/** The icon of a record: how an exchange stands, or which way a message that awaits no answer went. */
export function lookOf({ status, kind, direction }: WireSummary): RowLook {
  if (kind === 'notification' || status === undefined) {
    return direction === 'clientToServer'
      ? { icon: 'arrow-right', state: 'from the client', tone: 'muted' }
      : { icon: 'arrow-left', state: 'from the server', tone: 'muted' };
  }
  return looks[status];
}

const looks: Readonly<Record<ExchangeStatus, RowLook>> = {
  ok: { icon: 'check', state: 'succeeded', tone: 'ok' },
  error: { icon: 'error', state: 'failed', tone: 'failed' },
  cancelled: { icon: 'circle-slash', state: 'cancelled', tone: 'muted' },
  pending: { icon: 'ellipsis', state: 'pending', tone: 'muted' },
};

/** What a record is called in one line: the tool for a tool call, else the method with what it is about. */
export function nameOf(record: WireSummary): { name: string; about: string } {
  const { method, target, kind } = record;
  if (method === 'tools/call' && target !== undefined) return { name: shown(target), about: '' };
  if (kind === 'response' && method === '') return { name: 'response', about: 'to no request that was recorded' };
  if (kind === 'request' && record.direction === 'serverToClient')
    return { name: shown(method), about: 'from the server' };
  if (record.isRaw && method === '') return { name: 'unreadable', about: '' };
  const name = kind === 'notification' ? method.replace(/^notifications\//, '') : method;
  return { name: shown(name), about: shown(target) };
}

/** The row as a person would read it out: "lambda invoke function, failed, 1.24 seconds, claude-code". */
export function spokenRow(row: InspectorRow): string {
  const { name, about } = nameOf(row);
  const parts = [name.replaceAll(/[_/]/g, ' ')];
  if (about !== '') parts.push(about);
  parts.push(lookOf(row).state);
  if (row.durationMs !== undefined) parts.push(spokenDuration(row.durationMs));
  parts.push(shown(row.client));
  if (row.note !== undefined) parts.push(shown(row.note));
  if (row.isEarlier) parts.push('from before this window was loaded');
  return parts.join(', ');
}
