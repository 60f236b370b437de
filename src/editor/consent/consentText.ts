import type { CallerIdentity } from '../../aws/identity';
import { escapeUnseen } from '../../core/unseen';
import type { ConsentRequest } from '../../tools/consent';

// Everything here except our own words was written by a model, a client or whoever named a resource. It is shown on
// one line, cut, and with its invisible characters visible, so that it cannot pretend to be part of the question.

const maxLabel = 40;
const maxName = 80;
const maxValue = 240;
const maxDetails = 8;

/** The question as the modal shows it. */
export interface ConsentText {
  /** e.g. `Invoke function orders-refund?` */
  title: string;
  /** Lines below the title. */
  detail: string;
  /** The button that agrees, e.g. `Invoke once`. */
  agree: string;
  /** The button that agrees for the rest of the session, where that is offered, e.g. `Invoke for this session`. */
  agreeForSession?: string;
}

/** Words the question. */
export function consentText(request: ConsentRequest): ConsentText {
  const { plan, identity, client } = request;
  const shown = plan.details.slice(0, maxDetails);
  const left = plan.details.length - shown.length;
  const who = oneLine(client, maxName);
  const lines = [
    identity
      ? `${who} wants to run this on ${accountWords(identity)} as ${oneLine(identity.role, maxName)} in ${identity.region}.`
      : `${who} wants to run this in the open workspace.`,
    '',
    ...shown.map(({ label, value }) => `${oneLine(label, maxLabel)}: ${oneLine(value, maxValue)}`),
    ...(left > 0 ? [`${left} more; see the details.`] : []),
    ...changeLines(request),
    ...(request.access === 'destructive' ? ['This cannot be undone.'] : []),
  ];
  if (request.offersGrant) {
    const what = oneLine(plan.resource, maxLabel);
    lines.push(
      `"For this session" also covers later calls of ${who} on ${what}, whatever they send, for an hour at most.`,
    );
  }
  lines.push('Nothing has been sent yet.');
  const verb = oneLine(plan.action, maxLabel).split(' ')[0] ?? 'Run';
  return {
    title: `${oneLine(plan.action, maxName)} ${oneLine(plan.resource, maxName)}?`,
    detail: lines.join('\n'),
    agree: `${verb} once`,
    ...(request.offersGrant ? { agreeForSession: `${verb} for this session` } : {}),
  };
}

function changeLines({ plan: { changes = [] } }: ConsentRequest): string[] {
  if (changes.length === 0) return [];
  const [first] = changes;
  const name = oneLine(first?.label ?? '', maxName);
  return [
    changes.length === 1
      ? `${name} is replaced; the details show what changes.`
      : `${name} and ${changes.length - 1} more are replaced; the details show what changes.`,
  ];
}

/** `acme-prod (444455556666, production)` */
function accountWords({ label, profile, account, production }: CallerIdentity): string {
  const name = oneLine(label ?? profile, maxName);
  return `${name} (${account}${production === true ? ', production' : ''})`;
}

/** The whole plan, nothing cut, for a document. */
export function consentDocument(request: ConsentRequest): string {
  const { plan, identity, client, tool, access, hash } = request;
  const facts: [string, string][] = [
    ['Client', client],
    ['Tool', `${tool} (${access})`],
    ...(identity
      ? ([
          ['Profile', identity.profile],
          [
            'Account',
            [identity.account, identity.label, identity.production === true ? 'production' : undefined]
              .filter((part) => part !== undefined)
              .join(', '),
          ],
          ['Role', identity.role],
          ['Region', identity.region],
        ] satisfies [string, string][])
      : []),
    ['Resource', plan.resource],
    ...(plan.resourceArn === undefined ? [] : ([['ARN', plan.resourceArn]] satisfies [string, string][])),
  ];
  const width = Math.max(...facts.map(([label]) => label.length));
  return [
    `${escapeUnseen(plan.action)} ${escapeUnseen(plan.resource)}`,
    '',
    ...facts.map(([label, value]) => `${label.padEnd(width)}  ${oneLine(value)}`),
    '',
    ...plan.details.flatMap(({ label, value }) => [oneLine(label), ...indent(readable(value)), '']),
    ...(plan.changes ?? []).flatMap(({ label, before, after }) => [
      `${oneLine(label)}, now`,
      ...indent(before === '' ? '(nothing)' : before),
      '',
      `${oneLine(label)}, afterwards`,
      ...indent(after === '' ? '(nothing)' : after),
      '',
    ]),
    'Nothing has been sent yet. A yes is good for exactly this plan, once.',
    `Plan ${hash}`,
    '',
  ].join('\n');
}

/** JSON on several lines; everything else as it is. */
function readable(value: string): string {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null) return JSON.stringify(parsed, undefined, 2);
  } catch {
    // Not JSON.
  }
  return value;
}

function indent(text: string): string[] {
  return escapeUnseen(text)
    .split('\n')
    .map((line) => `  ${line}`);
}

function oneLine(text: string, max = Number.POSITIVE_INFINITY): string {
  const line = escapeUnseen(text).replaceAll(/\s+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}
