import * as vscode from 'vscode';
import type { AuditCall, AuditFilter } from '../../tools/audit/auditReader';
import { filterWords } from './auditWords';

interface Choice extends vscode.QuickPickItem {
  /** The filter with this choice. */
  next?: AuditFilter;
}

const hourMs = 60 * 60 * 1000;

/** Lets the user choose one thing after the other that calls must have; ends where they leave. */
export async function pickAuditFilter(
  filter: AuditFilter,
  calls: readonly AuditCall[],
): Promise<AuditFilter | undefined> {
  const words = filterWords(filter);
  const text: Choice = {
    label: vscode.l10n.t('With a Text…'),
    description: vscode.l10n.t('anywhere in the record'),
    iconPath: new vscode.ThemeIcon('search'),
    alwaysShow: true,
  };
  const picked = await vscode.window.showQuickPick([...choices(filter, calls), separator(''), text], {
    title: vscode.l10n.t('Filter Audit Log'),
    placeHolder: words === undefined ? vscode.l10n.t('Which calls?') : vscode.l10n.t('Now shown: {0}', words),
    matchOnDescription: true,
  });
  if (picked !== text) return picked?.next;
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Filter Audit Log'),
    placeHolder: vscode.l10n.t('An ARN, a request id, an error, …'),
    value: filter.text ?? '',
  });
  if (typed === undefined) return undefined;
  const { text: _text, ...rest } = filter;
  return typed.trim() === '' ? rest : { ...rest, text: typed.trim() };
}

function choices(filter: AuditFilter, calls: readonly AuditCall[]): Choice[] {
  const { since: _since, ...anyTime } = filter;
  const { access: _access, ...anyAccess } = filter;
  const { state: _state, ...anyState } = filter;
  const ago = (hours: number): string => new Date(Date.now() - hours * hourMs).toISOString();
  return [
    { label: vscode.l10n.t('All Calls'), iconPath: new vscode.ThemeIcon('clear-all'), next: {} },
    separator(vscode.l10n.t('kind')),
    filter.access
      ? { label: vscode.l10n.t('Reads and Changes'), next: anyAccess }
      : { label: vscode.l10n.t('Changes Only'), next: { ...filter, access: ['write', 'destructive'] } },
    filter.state
      ? { label: vscode.l10n.t('Whatever Became of Them'), next: anyState }
      : {
          label: vscode.l10n.t('Failed, Refused or Not Finished'),
          next: { ...filter, state: ['error', 'refused', 'unfinished'] },
        },
    separator(vscode.l10n.t('time')),
    { label: vscode.l10n.t('Last Hour'), next: { ...filter, since: ago(1) } },
    { label: vscode.l10n.t('Last 24 Hours'), next: { ...filter, since: ago(24) } },
    { label: vscode.l10n.t('Last 7 Days'), next: { ...filter, since: ago(7 * 24) } },
    ...(filter.since === undefined ? [] : [{ label: vscode.l10n.t('Any Time'), next: anyTime }]),
    ...seen('client', vscode.l10n.t('client'), (call) => call.client),
    ...seen('tool', vscode.l10n.t('tool'), (call) => call.tool),
    ...seen('account', vscode.l10n.t('account'), (call) => call.identity?.account),
  ];

  function seen(
    field: 'client' | 'tool' | 'account',
    title: string,
    read: (call: AuditCall) => string | undefined,
  ): Choice[] {
    const { [field]: current, ...without } = filter;
    const counts = new Map<string, number>();
    for (const call of calls) {
      const value = read(call);
      if (value !== undefined && value !== current) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const values = [...counts].sort(([, a], [, b]) => b - a).slice(0, 12);
    if (values.length === 0 && current === undefined) return [];
    return [
      separator(title),
      ...(current === undefined ? [] : [{ label: vscode.l10n.t('Any {0}', title), next: without }]),
      ...values.map(([value, number]) => ({
        label: value,
        description: String(number),
        next: { ...filter, [field]: value },
      })),
    ];
  }
}

function separator(label: string): Choice {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
