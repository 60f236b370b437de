import { html, nothing, type TemplateResult } from 'lit';
import type { WireSummary } from '../../src/traffic/wireRecord';
import { lookOf, nameOf } from '../describeRow';
import { clockTime, counted, duration, exactTime, milliseconds, shown, size, tokenCount } from '../format';
import type { InspectorModel, ShownDetail } from '../inspectorModel';
import { icon } from '../ui/icons';
import { problemsOf } from './checks';
import { receiptOf } from './receipt';

const eras = {
  legacy: 'legacy, up to 2025-11-25',
  modern: 'modern, from 2026-07-28',
} as const;

/** What happened, in the words of who looks at it. */
export function overviewTemplate(model: InspectorModel, detail: ShownDetail, record: WireSummary): TemplateResult {
  const { request, response, related, relatedCount } = detail;
  const problems = problemsOf(model.findings);
  const look = lookOf(record);
  const { awsRequests } = record;
  return html`<dl class="facts">
      ${fact('Method', html`<code>${shown(record.method)}</code>`)}
      ${record.target === undefined ? nothing : fact(record.method === 'tools/call' ? 'Tool' : 'About', html`<code>${shown(record.target)}</code>`)}
      ${fact(
        'State',
        html`<span class=${`state ${look.tone}`}>${icon(look.icon)}${look.state}</span>${
            record.note === undefined ? nothing : html`<span class="state-note">${shown(record.note)}</span>`
          }`,
      )}
      ${record.durationMs === undefined ? nothing : fact('Duration', duration(record.durationMs))}
      ${identityFact(response?.body)}
      ${
        awsRequests && awsRequests.length > 0
          ? fact(
              'AWS',
              html`${counted(awsRequests.length, 'request')},
              ${duration(awsRequests.reduce((sum, aws) => sum + aws.durationMs, 0))}`,
            )
          : nothing
      }
      ${
        problems.length === 0
          ? nothing
          : fact(
              'Checks',
              html`<button class="link-button" @click=${() => model.setTab('checks')}>
                ${counted(problems.length, 'problem')}
              </button>`,
            )
      }
      ${roundFact('Goes on from', record.previousRound, model)} ${roundFact('Goes on in', record.nextRound, model)}
      ${fact('Time', exactTime(record.time))} ${fact('Client', shown(record.client))}
      ${fact('Server', shown(record.server))}
      ${fact('Session', html`${shown(record.session)}<span class="quiet">, ${eras[record.era]}</span>`)}
      ${record.id === undefined ? nothing : fact('Id', html`<code>${shown(record.id)}</code>`)}
      ${request ? fact('Request', sizes(request.summary)) : nothing}
      ${response ? fact('Response', sizes(response.summary)) : nothing}
    </dl>
    ${
      related.length === 0
        ? nothing
        : html`<h3 id="related">On the way</h3>
            ${
              relatedCount > related.length
                ? html`<p class="quiet related-note">
                    The latest ${related.length} of ${counted(relatedCount, 'message')}.
                  </p>`
                : nothing
            }
            <ol class="related" aria-labelledby="related">
              ${related.map((message) => relatedTemplate(message, model))}
            </ol>`
    }`;
}

function roundFact(name: string, seq: number | undefined, model: InspectorModel): TemplateResult | typeof nothing {
  return seq === undefined
    ? nothing
    : fact(
        name,
        html`<button class="link-button" @click=${() => model.openRecord(seq)}>another request</button
          ><span class="quiet">, for input that was asked for</span>`,
      );
}

function relatedTemplate(message: WireSummary, model: InspectorModel): TemplateResult {
  const { name } = nameOf(message);
  const took = message.durationMs === undefined ? '' : duration(message.durationMs);
  return html`<li>
    <span class="time" title=${exactTime(message.time)}>${clockTime(message.time)}${milliseconds(message.time)}</span>
    <button class="link-button name" @click=${() => model.openRecord(message.seq)}>${name}</button>
    <span class="note">${[took, shown(message.note)].filter(Boolean).join(', ')}</span>
  </li>`;
}

function fact(name: string, value: unknown): TemplateResult {
  return html`<div class="fact">
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function sizes({ bytes, tokens }: WireSummary): TemplateResult {
  return html`${size(bytes)}<span class="quiet">, ${tokenCount(tokens)} tokens</span>`;
}

function identityFact(body: string | undefined): TemplateResult | typeof nothing {
  const receipt = body === undefined ? undefined : receiptOf(body);
  if (!receipt) return nothing;
  const { account, role, region, profile } = receipt;
  const steps = [profile, role, region]
    .filter((step) => step !== undefined)
    .map(shown)
    .join(' / ');
  return fact(
    'As',
    html`${steps}${account === undefined ? nothing : html`<span class="quiet">, account ${shown(account)}</span>`}`,
  );
}
