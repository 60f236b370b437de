import type { ClientCapabilities, ElicitRequestFormParams } from '@modelcontextprotocol/server';
import { isRecord } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import type { ConsentAnswer, ConsentRequest } from '../../tools/consent';

/** Whether a client can show a form to a person; `elicitation: {}` was how clients said so before modes existed. */
export function canElicit({ elicitation }: ClientCapabilities): boolean {
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** The question for a plan as an elicitation form: what is to happen, to what, as whom, and one box to tick. */
export function consentQuestion(request: ConsentRequest): ElicitRequestFormParams {
  const { plan, identity, tool, access, client } = request;
  const lines = [
    `${plan.action} ${plan.resource}?`,
    ...(plan.resourceArn === undefined ? [] : [`ARN: ${plan.resourceArn}`]),
    ...(identity
      ? [
          `Account: ${[identity.account, identity.label, identity.production ? 'production' : undefined].filter(Boolean).join(', ')}`,
          `Role: ${identity.role}`,
          `Region: ${identity.region}`,
          `Profile: ${identity.profile}`,
        ]
      : []),
    ...plan.details.map(({ label, value }) => `${label}: ${value}`),
    ...(plan.changes ?? []).flatMap(({ label, before, after }) => [
      `${label} is now: ${before}`,
      `${label} will be: ${after}`,
    ]),
    `Asked for by ${client} through ${tool}.`,
    ...(access === 'destructive' ? ['This cannot be undone.'] : []),
  ];
  return {
    mode: 'form',
    // A plan can quote names and payloads that others wrote: nothing in the question may hide or reorder the rest.
    message: lines.map(escapeUnseen).join('\n'),
    requestedSchema: {
      type: 'object',
      properties: {
        approve: {
          type: 'boolean',
          title: plan.action,
          description: `Whether to go ahead with exactly this, once.`,
        },
        ...(request.offersGrant
          ? {
              forSession: {
                type: 'boolean' as const,
                title: 'For the rest of this session',
                description: `Whether to go ahead without asking when it is about ${escapeUnseen(plan.resource)} again, whatever is sent to it.`,
                default: false,
              },
            }
          : {}),
      },
      required: ['approve'],
    },
  };
}

/**
 * What a person's answer to the question means. Only `accept` together with `approve: true` is a yes: a client that
 * accepts every form without showing it sends no content.
 */
export function readConsentAnswer(action: string, content: unknown): ConsentAnswer {
  if (action === 'accept') {
    return isRecord(content) && content['approve'] === true
      ? { kind: 'allowed', by: 'client', ...(content['forSession'] === true ? { grant: 'session' } : {}) }
      : { kind: 'refused', reason: 'declined' };
  }
  return { kind: 'refused', reason: action === 'decline' ? 'declined' : 'dismissed' };
}
