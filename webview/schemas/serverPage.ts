import { html, nothing, type TemplateResult } from 'lit';
import { offeredKinds } from '../../src/protocol/offeredKinds';
import type { SchemaItem, SchemaServer } from '../../src/protocol/schemas';
import { count, counted, shown, tokenCount } from '../format';
import { icon } from '../ui/icons';
import { progressRing, textButton } from '../ui/controls';
import { kindLook, stateWords } from './kindLook';
import type { SchemaModel } from './schemasModel';

const largestShown = 5;
const changesShown = 50;

const changeWords = { added: 'New', changed: 'Changed', removed: 'Gone' } as const;

/** What there is to say and to do about a server as a whole. */
export function serverPageTemplate(model: SchemaModel, server: SchemaServer): TemplateResult {
  const { key, state, era, failure, note, omitted } = server;
  const items = model.itemsOf(key).map(({ item }) => item);
  const kinds = offeredKinds.filter((kind) => server.lists[kind]);
  const isEmpty = kinds.length > 0 && kinds.every((kind) => server.lists[kind]?.count === 0);
  return html`<div class="schema-body">
    <p class="schema-meta">
      <span>${stateWords[state]}</span>${
        era
          ? html`<span>${era === 'modern' ? 'speaks 2026-07-28' : 'speaks a protocol up to 2025-11-25'}</span>`
          : nothing
      }
    </p>
    ${failure ? html`<p class="schema-failure" role="alert">${icon('error', 'failed')}<span>${shown(failure.message)} ${shown(failure.remedy)}</span></p>` : nothing}
    ${note === undefined ? nothing : html`<p class="schema-failure">${icon('info')}<span>${note}</span></p>`}
    ${listing(model, server, kinds.length)}
    ${
      kinds.length === 0
        ? nothing
        : html`<table class="schema-sums">
            <thead>
              <tr>
                <th scope="col">Offers</th>
                <th scope="col" class="number">Number</th>
                <th scope="col" class="number" title="What the list costs a model that is given all of it">Tokens ~</th>
              </tr>
            </thead>
            <tbody>
              ${kinds.map(
                (kind) =>
                  html`<tr>
                    <th scope="row">${icon(kindLook[kind].icon)}${capital(kindLook[kind].many)}</th>
                    <td class="number">${count(server.lists[kind]?.count ?? 0)}</td>
                    <td class="number">${count(server.lists[kind]?.tokens ?? 0)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
    ${isEmpty ? html`<p class="quiet">This server offers nothing.</p>` : nothing}
    ${omitted > 0 ? html`<p class="quiet">${counted(omitted, 'item')} more are not listed here.</p>` : nothing}
    ${changes(model, server, items)} ${largest(model, server, items)}
  </div>`;
}

function listing(
  model: SchemaModel,
  { key, state, isListing }: SchemaServer,
  known: number,
): TemplateResult | typeof nothing {
  if (state === 'recorded') return nothing;
  if (isListing) {
    return html`<p class="schema-actions">
      <span class="schema-wait"
        >${progressRing('Reading the lists')}<span class="quiet">Reading the lists</span>${textButton('Cancel', () =>
          model.cancelListing(key),
        )}</span
      >
    </p>`;
  }
  const isRunning = state === 'ready' || state === 'starting';
  // What a running server offers is read again when it says that it changed.
  if (isRunning && known === offeredKinds.length) return nothing;
  return html`${
      isRunning || known > 0 ? nothing : html`<p>It is not running. What it offers is known once it was started.</p>`
    }${!isRunning && known > 0 ? html`<p class="quiet">It is not running. This is what it offered last.</p>` : nothing}
    <p class="schema-actions">${textButton(isRunning ? 'List' : 'Start and list', () => model.list(key))}</p>`;
}

function changes(
  model: SchemaModel,
  server: SchemaServer,
  items: readonly SchemaItem[],
): TemplateResult | typeof nothing {
  const changed = items.filter(({ change }) => change !== undefined);
  if (changed.length === 0) return nothing;
  return html`<h3>Changed since you looked</h3>
    <p>A changed description can be an attack: models do what it says.</p>
    <ul class="schema-links">
      ${changed
        .slice(0, changesShown)
        .map(
          (item) =>
            html`<li>
              <span class="quiet">${changeWords[item.change ?? 'changed']}</span> ${link(model, server, item, true)}
            </li>`,
        )}
    </ul>
    ${changed.length > changesShown ? html`<p class="quiet">and ${count(changed.length - changesShown)} more</p>` : nothing}
    ${server.canAccept ? html`<p class="schema-actions">${textButton('I have seen this', () => model.accept(server.key))}</p>` : nothing}`;
}

function largest(
  model: SchemaModel,
  server: SchemaServer,
  items: readonly SchemaItem[],
): TemplateResult | typeof nothing {
  const offered = items.filter(({ change }) => change !== 'removed');
  if (offered.length <= 1) return nothing;
  const sorted = offered.sort((left, right) => right.tokens - left.tokens).slice(0, largestShown);
  return html`<h3>The largest</h3>
    <ul class="schema-links">
      ${sorted.map(
        (item) =>
          html`<li>
            ${link(model, server, item, false)} <span class="quiet">${tokenCount(item.tokens)} tokens</span>
          </li>`,
      )}
    </ul>`;
}

function link(
  model: SchemaModel,
  { key }: SchemaServer,
  { kind, id, name }: SchemaItem,
  isChange: boolean,
): TemplateResult {
  return html`<button
    class="link-button"
    @click=${() => {
      model.select({ server: key, kind, id });
      if (isChange) model.setTab('changes');
    }}
  >
    ${shown(name)}
  </button>`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
