import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { shown } from '../format';
import { progressRing, textButton } from '../ui/controls';
import { popupMenu } from '../ui/popupMenu';
import { argumentsOf, callEditorTemplate } from './callEditor';
import { outcomeTemplate } from './outcomeTemplate';
import { progressText } from './progressText';
import type { ReplayDraft } from './replayDraft';
import type { ReplayModel } from './replayModel';

/** The recorded call of the detail pane, to be run again. */
export class ReplayCallView extends LitElement {
  static override readonly properties = { model: {}, seq: {} };
  declare model: ReplayModel;
  /** Number of the record that is shown. */
  declare seq: number;
  #stop: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.model.unwatchDetail();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('seq')) this.model.watchDetail(this.seq);
  }

  protected override render(): TemplateResult {
    const { model, seq } = this;
    const refusal = model.refusal(seq);
    if (refusal !== undefined) return html`<p class="quiet empty">${shown(refusal)}</p>`;
    const draft = model.detailDraft(seq);
    if (!draft || !model.hasTargets) return html`<div class="empty">${progressRing('Loading')}</div>`;
    if (model.targets.length === 0) {
      return html`<p class="quiet empty">There is no server here that could be called.</p>`;
    }
    const run = model.run(draft.id);
    const state = run?.steps.get(draft.id);
    return html`<div class="replay-call" @keydown=${this.#onKey}>
      ${callEditorTemplate(model, draft)} ${this.#actions(draft)}
      ${
        run?.isRunning
          ? html`<p class="running" role="status">${progressRing('Running')} ${progressText(state?.progress)}</p>`
          : nothing
      }
      ${
        model.note
          ? html`<p class=${model.note.isProblem ? 'replay-problem' : 'replay-note'} role="status">
              ${shown(model.note.text)} ${shown(model.note.remedy)}
            </p>`
          : nothing
      }
      ${state?.outcome ? outcomeTemplate(model, state.outcome, { run: draft.id, step: draft.id }) : nothing}
    </div>`;
  }

  #actions(draft: ReplayDraft): TemplateResult {
    const { model } = this;
    const isRunning = model.run(draft.id)?.isRunning === true;
    const [stopped] = model.stopped([draft]);
    const given = draft.method === 'tools/call' ? argumentsOf(draft) : undefined;
    const { openInTryIt } = model;
    const { serverKey, target } = draft;
    return html`<div class="replay-actions">
      ${
        isRunning
          ? textButton('Cancel', () => model.cancel(draft.id))
          : html`<vscode-button
              appearance="primary"
              title=${stopped ? '' : 'Run again (Ctrl+Enter)'}
              ?disabled=${model.hindrance([draft]) !== undefined}
              @click=${() => model.start(draft.id, [draft], true)}
              >${stopped ? `Start ${shown(stopped.label)} and run again` : 'Run again'}</vscode-button
            >`
      }
      ${
        openInTryIt && given && serverKey !== undefined && target !== undefined
          ? textButton('Edit in Try it', () => openInTryIt(serverKey, target, given))
          : nothing
      }
      ${textButton('Add to the sequence', () => model.addRecorded([this.seq]))}
      <vscode-button
        appearance="secondary"
        aria-haspopup="menu"
        @click=${(event: Event) => openGenerateMenu(event, model, draft.id, [draft])}
        >Generate…</vscode-button
      >
    </div>`;
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    const draft = this.model.detailDraft(this.seq);
    // A server is started by whoever means to start it, not by a habit of the fingers.
    if (draft && this.model.stopped([draft]).length === 0) this.model.start(draft.id, [draft], false);
  };
}

/** Offers what can be made of calls. */
export function openGenerateMenu(event: Event, model: ReplayModel, run: string, drafts: readonly ReplayDraft[]): void {
  const { left, bottom } = (event.currentTarget as Element).getBoundingClientRect();
  const item = (label: string, as: 'mocha' | 'curl', action: 'copy' | 'open') => ({
    label,
    onSelect: () => model.generate(run, drafts, as, action),
  });
  popupMenu().open(
    'Generate',
    [
      item('Open as mocha test', 'mocha', 'open'),
      item('Copy as mocha test', 'mocha', 'copy'),
      'separator',
      item('Open as shell command (curl)', 'curl', 'open'),
      item('Copy as shell command (curl)', 'curl', 'copy'),
    ],
    { x: left, y: bottom },
  );
}
