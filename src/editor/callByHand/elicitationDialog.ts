import * as vscode from 'vscode';
import type { AnswerElicitation } from '../../mcp/caller/elicitation';
import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import { openBrowser } from '../signIn/openBrowser';
import { readField, type ElicitationField, type FieldValue } from './elicitationFields';

const maxShown = 1000;

/** Longer ones would push the buttons off the screen. */
function shown(text: string, max = maxShown): string {
  const visible = escapeUnseen(text);
  return visible.length > max ? `${visible.slice(0, max)}…` : visible;
}

/** Asks in the editor's own forms: a modal that says who asks for what, then one box or pick for each field. */
export const askInEditor: AnswerElicitation = async (question, server, signal) => {
  if (signal.aborted) return { action: 'cancel' };
  if (question.mode === 'url') return askToOpen(question.url, question.message, server, signal);
  const { properties, required = [] } = question.requestedSchema;
  const fields = Object.entries(properties).map(([name, schema]) => readField(name, schema, required.includes(name)));
  const begin = vscode.l10n.t('Answer');
  const decline = vscode.l10n.t('Decline');
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} asks for input', shown(server, 100)),
    { modal: true, detail: shown(question.message) },
    begin,
    decline,
  );
  if (signal.aborted) return { action: 'cancel' };
  if (picked === decline) return { action: 'decline' };
  if (picked !== begin) return { action: 'cancel' };
  const content: Record<string, FieldValue> = {};
  for (const [index, field] of fields.entries()) {
    const answer = await askField(field, `${shown(server, 60)} (${index + 1}/${fields.length})`, signal);
    if (answer === 'cancel') return { action: 'cancel' };
    if (answer !== undefined) content[field.name] = answer.value;
  }
  return { action: 'accept', content };
};

async function askToOpen(
  address: string,
  message: string,
  server: string,
  signal: AbortSignal,
): ReturnType<AnswerElicitation> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  // Only what a browser shows: other schemes would start programs.
  if (!url || !['https:', 'http:'].includes(url.protocol)) return { action: 'decline' };
  const open = vscode.l10n.t('Open Page');
  const decline = vscode.l10n.t('Decline');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} asks you to open a page of {1}', shown(server, 100), shown(url.host, 200)),
    { modal: true, detail: `${shown(message)}\n\n${shown(url.href, 500)}` },
    open,
    decline,
  );
  if (signal.aborted) return { action: 'cancel' };
  if (picked === decline) return { action: 'decline' };
  if (picked !== open) return { action: 'cancel' };
  return { action: (await openBrowser(url.href)) ? 'accept' : 'cancel' };
}

type Given = { value: FieldValue } | 'cancel' | undefined;

/** @returns `undefined` where an optional field was left out */
async function askField(field: ElicitationField, title: string, signal: AbortSignal): Promise<Given> {
  const closing = new vscode.CancellationTokenSource();
  const close = (): void => closing.cancel();
  signal.addEventListener('abort', close, { once: true });
  try {
    if (field.choices) return await askChoice(field, title, closing.token);
    const text = await vscode.window.showInputBox(
      {
        title,
        prompt: shown([field.title, field.description].filter((part) => part !== '').join(': '), 300),
        placeHolder: field.isRequired ? '' : vscode.l10n.t('Optional: leave empty to give nothing'),
        value: field.initial === undefined ? '' : String(field.initial),
        ignoreFocusOut: true,
        validateInput: (value) => field.problem(value),
      },
      closing.token,
    );
    if (text === undefined) return 'cancel';
    const value = field.read(text);
    return value === undefined ? undefined : { value };
  } finally {
    signal.removeEventListener('abort', close);
    closing.dispose();
  }
}

async function askChoice(field: ElicitationField, title: string, token: vscode.CancellationToken): Promise<Given> {
  const initial = Array.isArray(field.initial) ? field.initial : [field.initial];
  const items = (field.choices ?? []).map(({ value, label }) => ({
    label: shown(label, 200),
    picked: initial.some((each) => each === value),
    value,
  }));
  const options = {
    title,
    placeHolder: shown([field.title, field.description].filter((part) => part !== '').join(': '), 300),
    ignoreFocusOut: true,
  };
  if (field.isMultiple) {
    const picked = await vscode.window.showQuickPick(items, { ...options, canPickMany: true }, token);
    return picked ? { value: picked.map(({ value }) => String(value)) } : 'cancel';
  }
  const none = { label: vscode.l10n.t('(nothing)'), picked: false, value: undefined };
  const picked = await vscode.window.showQuickPick(field.isRequired ? items : [...items, none], options, token);
  if (!picked || !isRecord(picked)) return 'cancel';
  return picked.value === undefined ? undefined : { value: picked.value };
}
