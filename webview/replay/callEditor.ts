import { html, nothing, type TemplateResult } from 'lit';
import { readParams } from '../../src/traffic/replay/paramsText';
import type { ReplayTarget } from '../../src/protocol/replay';
import { shown } from '../format';
import { isOpenGap, problemsOfDraft, type ReplayDraft } from './replayDraft';
import type { ReplayModel } from './replayModel';

export const stateWords: Readonly<Record<ReplayTarget['state'], string>> = {
  stopped: 'stopped',
  starting: 'starting',
  ready: 'ready',
  failed: 'failed',
  needsSignIn: 'needs a sign-in',
};

/** Where a call goes and with which parameters, to be changed by a person. */
export function callEditorTemplate(model: ReplayModel, draft: ReplayDraft): TemplateResult {
  const { syntax, gaps } = problemsOfDraft(draft);
  const id = `replay-${draft.id}`;
  const isSame = draft.params === draft.original && Object.keys(draft.fills).length === 0;
  return html`<div class="call-editor">
    <label class="field-label" for="${id}-server">Server</label>
    <select
      id="${id}-server"
      class="select"
      @change=${(event: Event) => model.setServer(draft, (event.target as HTMLSelectElement).value)}
    >
      ${
        model.targetOf(draft)
          ? nothing
          : html`<option value="" .selected=${true} disabled>${shown(draft.server)} is not there: pick another</option>`
      }
      ${model.targets.map(
        ({ key, label, state }) =>
          html`<option value=${key} .selected=${key === draft.serverKey}>
            ${shown(label)}${label === draft.server ? ' (the same)' : ''}, ${stateWords[state]}
          </option>`,
      )}
    </select>
    ${effectTemplate(model, draft)}
    <div class="params-head">
      <label class="field-label" for="${id}-params">Parameters</label>
      ${
        isSame
          ? html`<span class="quiet">as recorded</span>`
          : html`<button class="link-button" @click=${() => model.restore(draft)}>As recorded</button>`
      }
    </div>
    <textarea
      id="${id}-params"
      class=${syntax === undefined ? 'params' : 'params invalid'}
      spellcheck="false"
      autocomplete="off"
      rows=${Math.min(16, Math.max(4, draft.params.split('\n', 17).length))}
      aria-invalid=${String(syntax !== undefined)}
      aria-describedby="${id}-problem"
      .value=${draft.params}
      @input=${(event: Event) => model.setParams(draft, (event.target as HTMLTextAreaElement).value)}
    ></textarea>
    <div id="${id}-problem">
      ${syntax === undefined ? nothing : html`<p class="replay-problem" role="alert">${shown(syntax)}</p>`}
      ${
        gaps.length === 0
          ? nothing
          : html`<p class="replay-note">
              These values were not recorded as they were. They have to be put in before the call can be sent; what you
              put in is not kept.
            </p>`
      }
    </div>
    ${gaps.map((gap, index) => {
      const { path, kind, isWhole } = gap;
      const isOpen = isOpenGap(gap, draft);
      return html`<div class=${isOpen ? 'gap open' : 'gap'}>
        ${
          isWhole && kind === 'redacted'
            ? html`<label class="gap-path" for="${id}-gap-${index}"><code>${shown(path)}</code> redacted</label
                ><input
                  id="${id}-gap-${index}"
                  class="gap-value"
                  type="password"
                  autocomplete="off"
                  placeholder="Value"
                  .value=${draft.fills[path] ?? ''}
                  @input=${(event: Event) => model.setFill(draft, path, (event.target as HTMLInputElement).value)}
                />`
            : html`<span class="gap-path"
                  ><code>${shown(path)}</code> ${kind === 'cut' ? 'cut' : 'redacted in part'}</span
                ><button class="link-button" @click=${(event: Event) => showGap(event, `${id}-params`, kind)}>
                  Show in the parameters
                </button>`
        }
      </div>`;
    })}
  </div>`;
}

/** The arguments of a tool call, where the parameters are right. */
export function argumentsOf(draft: ReplayDraft): Record<string, unknown> | undefined {
  const read = readParams(draft.params);
  const given = 'problem' in read ? undefined : (read.params['arguments'] ?? {});
  return typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : undefined;
}

/** Selects the mark that stands for what is missing. */
function showGap(event: Event, id: string, kind: 'redacted' | 'cut'): void {
  const root = (event.currentTarget as Element).closest('.call-editor');
  const field = root?.querySelector<HTMLTextAreaElement>(`#${CSS.escape(id)}`);
  if (!field) return;
  const found = (
    kind === 'redacted' ? /\[redacted\]/ : /… \[\d+ more \w+\]|\[\d+ more members\]|\[nested too deep\]/
  ).exec(field.value);
  field.focus();
  if (found) field.setSelectionRange(found.index, found.index + found[0].length);
}

function effectTemplate(model: ReplayModel, draft: ReplayDraft): TemplateResult | typeof nothing {
  if (draft.method !== 'tools/call') return nothing;
  const effect = model.effectOf(draft);
  if (effect?.isReadOnly) return html`<p class="replay-note quiet">The tool says that it changes nothing.</p>`;
  const text = effect
    ? `${effect.isDestructive ? 'This tool may change or delete things.' : 'This tool adds or changes things.'} ${
        effect.isIdempotent ? 'Run again with the same arguments, it changes no more.' : 'Run again, it does it again.'
      }`
    : 'What this tool changes is not known here. Run again, it does what it did again.';
  return html`<p class="replay-note warned">${text} Whoever has to agree is asked, as for an agent.</p>`;
}
