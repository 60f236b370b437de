import { escapeUnseen } from '../../core/unseen';
import type { AuditCall, AuditFilter, AuditVerification } from '../../tools/audit/auditReader';
import { count } from '../servers/serverNodes';

/** How a recorded call is put into words; no editor needed. */
export interface AuditWords {
  label: string;
  description: string;
  /** A codicon's name. */
  icon: string;
  /** What a theme calls its colour, where it needs one. */
  color?: string;
  /** One fact a line. */
  tooltip: string;
}

const icons: Record<AuditCall['state'], { icon: string; color?: string }> = {
  ok: { icon: 'pass' },
  error: { icon: 'error', color: 'list.errorForeground' },
  refused: { icon: 'circle-slash', color: 'list.errorForeground' },
  inputRequired: { icon: 'question' },
  unfinished: { icon: 'circle-outline', color: 'list.warningForeground' },
};

/** What became of a call, for people. */
export const stateWords: Record<AuditCall['state'], string> = {
  ok: 'done',
  error: 'failed',
  refused: 'refused',
  inputRequired: 'asked',
  unfinished: 'not finished',
};

const consentWords = {
  once: 'agreed to once',
  session: 'agreed to for the session',
  grant: 'covered by a consent for the session',
  refused: 'refused',
} as const;

/**
 * Words a call.
 * @param time writes a point in time as the user's own clock does.
 */
export function auditWords(call: AuditCall, time: (iso: string) => string): AuditWords {
  const { tool, client, identity, state, access, errorCode, message, consents = [], resources = [] } = call;
  const isChange = access !== undefined && access !== 'read';
  const outcome = errorCode === undefined ? stateWords[state] : `${stateWords[state]}: ${errorCode}`;
  const who = identity ? `${identity.profile} (${identity.account})` : undefined;
  const lines = [
    `${tool}, ${outcome}`,
    ...(message === undefined ? [] : [message]),
    `${time(call.time)}, for ${client}, session ${call.session}`,
    ...(identity ? [`As ${identity.role} in ${identity.account}, ${identity.region}, by ${identity.profile}`] : []),
    ...(isChange ? [access === 'destructive' ? 'Changes what cannot be brought back' : 'Changes something'] : []),
    ...consents.map(
      ({ action, resource, answer, by, reason }) =>
        `${action} ${resource}: ${consentWords[answer]}${by === undefined ? '' : `, asked by the ${by}`}${reason === undefined ? '' : ` (${reason})`}`,
    ),
    ...resources.slice(0, 5),
    ...(resources.length > 5 ? [`${resources.length - 5} more resources`] : []),
    ...(call.durationMs === undefined ? [] : [`${Math.round(call.durationMs)} ms`]),
    ...(call.cachedSecondsAgo === undefined ? [] : [`From memory, ${call.cachedSecondsAgo} s old`]),
    ...(call.awsRequestIds ? [`AWS request ${call.awsRequestIds[0]}`] : []),
  ];
  return {
    label: shown(tool),
    description: [time(call.time), state === 'ok' ? undefined : outcome, isChange ? 'change' : undefined, client, who]
      .filter((part) => part !== undefined)
      .map(shown)
      .join(' · '),
    ...icons[state],
    tooltip: lines.map(shown).join('\n'),
  };
}

/** What a filter lets through, e.g. `changes only, client claude-code`; `undefined` for one that lets all through. */
export function filterWords(filter: AuditFilter): string | undefined {
  const { access, state, client, tool, account, since, text } = filter;
  const words = [
    access && 'changes only',
    state && state.map((each) => stateWords[each]).join(' or '),
    client === undefined ? undefined : `client ${client}`,
    tool === undefined ? undefined : `tool ${tool}`,
    account === undefined ? undefined : `account ${account}`,
    since === undefined ? undefined : `since ${since.slice(0, 16).replace('T', ' ')} UTC`,
    text === undefined ? undefined : `with "${text}"`,
  ].filter((part) => part !== undefined);
  return words.length === 0 ? undefined : shown(words.join(', '));
}

/** What became of the log, in a sentence or two. */
export function verificationWords({ isIntact, problems, records, files }: AuditVerification): string {
  if (records === 0 && problems.length === 0) return 'Nothing has been recorded yet.';
  const what = `${count(records, 'record')} in ${count(files, 'file')}`;
  if (!isIntact)
    return `The audit log was changed after it was written: ${count(problems.length, 'problem')} in ${what}.`;
  if (problems.length === 0) return `The audit log is intact: ${what}.`;
  return `Nothing in the audit log was changed, but it is not complete: ${count(problems.length, 'gap')} in ${what}.`;
}

/** Everything that a check found, as a document. */
export function verificationDocument(verification: AuditVerification, folder: string): string {
  const { problems, heads } = verification;
  return [
    verificationWords(verification),
    '',
    ...problems.map(
      ({ kind, file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}  ${kind}  ${message}`,
    ),
    ...(problems.length > 0 ? [''] : []),
    'Ends of the chains. Kept elsewhere, they show later that nothing was cut off:',
    ...heads.map(({ chain, seq, hash }) => `${chain}  ${seq}  ${hash}`),
    '',
    `Folder: ${folder}`,
    '',
  ].join('\n');
}

function shown(text: string): string {
  const line = escapeUnseen(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
