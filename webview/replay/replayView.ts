import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ReplayStepState, ReplayVerdict } from '../../src/protocol/replay';
import { maxReplaySteps } from '../../src/protocol/replayLimits';
import { counted, duration, shown } from '../format';
import { iconButton, progressRing, textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { callEditorTemplate } from './callEditor';
import { outcomeTemplate, verdictLooks } from './outcomeTemplate';
import { progressText } from './progressText';
import { openGenerateMenu } from './replayCallView';
import type { ReplayDraft } from './replayDraft';
import { sequenceRun, type ReplayModel } from './replayModel';

/** Calls that run one after the other. */
export class ReplayView extends LitElement {
  model!: ReplayModel;
  #stop: (() => void) | undefined;
  /** The step that the keyboard is on. */
  #active: string | undefined;
  #refocus = false;
  #dragged: string | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
    this.model.watchSequence();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.model.unwatchSequence();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    if (!this.#refocus) return;
    this.#refocus = false;
    this.querySelector<HTMLElement>('.step-head[tabindex="0"]')?.focus();
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const { steps, filter } = model;
    const take = filter.trim() === '' ? 'Take all recorded calls' : 'Take what the filter shows';
    if (steps.length === 0) {
      return html`<div class="empty-state">
        <p>
          A sequence of recorded calls, run one after the other. Select calls in the list with Shift or Ctrl and press
          r, or take many at once.
        </p>
        ${textButton(take, () => model.collect())} ${this.#note()}
      </div>`;
    }
    const active = steps.find(({ id }) => id === this.#active)?.id ?? steps[0]?.id;
    return html`
      ${this.#bar(take)} ${this.#note()}
      <ol class="steps" aria-label="Steps" @keydown=${this.#onKey}>
        ${repeat(
          steps,
          ({ id }) => id,
          (step, index) => this.#step(step, index, step.id === active),
        )}
      </ol>
    `;
  }

  #bar(take: string): TemplateResult {
    const { model } = this;
    const { steps } = model;
    const run = model.run(sequenceRun);
    const stopped = model.stopped(steps);
    const start =
      stopped.length === 0 ? 'Run all' : `Start ${stopped.map(({ label }) => shown(label)).join(', ')} and run`;
    return html`<div class="view-bar replay-bar">
      ${
        run?.isRunning
          ? textButton('Cancel', () => model.cancel(sequenceRun))
          : html`<vscode-button
              appearance="primary"
              title=${stopped.length === 0 ? 'Run all (Ctrl+Enter)' : ''}
              ?disabled=${model.hindrance(steps) !== undefined}
              @click=${() => model.start(sequenceRun, steps, true)}
              >${start}</vscode-button
            >`
      }
      <label class="diff-option"
        ><input
          type="checkbox"
          .checked=${model.stopsAtFailure}
          @change=${(event: Event) => model.setStopsAtFailure((event.target as HTMLInputElement).checked)}
        />Stop at the first failure</label
      >
      <span class="grow summary" role="status">${this.#summary()}</span>
      <span class="replay-tools">
        <vscode-button
          appearance="secondary"
          aria-haspopup="menu"
          @click=${(event: Event) => openGenerateMenu(event, model, sequenceRun, steps)}
          >Generate…</vscode-button
        >
        ${iconButton({ icon: 'list-selection', label: take, onClick: () => model.collect() })}
        ${iconButton({ icon: 'save', label: 'Save the recorded calls as a trace', onClick: () => model.saveTrace() })}
        ${iconButton({ icon: 'clear-all', label: 'Remove all steps', onClick: () => model.clear() })}
      </span>
    </div>`;
  }

  #summary(): string {
    const { model } = this;
    const { steps } = model;
    const run = model.run(sequenceRun);
    const states = steps.map(({ id }) => run?.steps.get(id));
    const outcomes = states.flatMap((state) => state?.outcome ?? []);
    const hindrance = model.hasTargets && !run?.isRunning ? model.hindrance(steps) : undefined;
    if (hindrance !== undefined) return shown(hindrance);
    if (!run || outcomes.length === 0) {
      return `${counted(steps.length, 'step')}${steps.length >= maxReplaySteps ? ', as many as there may be' : ''}`;
    }
    const of = (verdict: ReplayVerdict): number =>
      outcomes.filter((outcome) => model.verdictOf(outcome) === verdict).length;
    const total = outcomes.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
    const skipped = states.filter((state) => state?.state === 'skipped').length;
    const parts = [
      `${outcomes.length} of ${counted(steps.length, 'step')}`,
      ...(
        [
          [of('same'), 'same'],
          [of('differs'), 'different'],
          [of('failed'), 'failed'],
          [of('done'), 'without a recording'],
          [of('cancelled'), 'cancelled'],
          [skipped, 'not run'],
        ] as const
      ).flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])),
      duration(total),
    ];
    return parts.join(', ');
  }

  #note(): TemplateResult | typeof nothing {
    const { note } = this.model;
    if (!note) return nothing;
    return html`<p class=${note.isProblem ? 'replay-problem' : 'replay-note'} role="status">
      ${shown(note.text)} ${shown(note.remedy)}
    </p>`;
  }

  #step(draft: ReplayDraft, index: number, isActive: boolean): TemplateResult {
    const { model } = this;
    const { id, method, target } = draft;
    const state = model.run(sequenceRun)?.steps.get(id);
    const isOpen = model.opened === id;
    const name = method === 'tools/call' && target !== undefined ? target : method;
    const about = method === 'tools/call' ? '' : (target ?? '');
    const isEdited = draft.params !== draft.original;
    return html`<li
      class="step"
      data-step=${id}
      @dragover=${(event: DragEvent) => this.#onDragOver(event)}
      @drop=${(event: DragEvent) => this.#onDrop(event, index)}
    >
      <div class="step-line" draggable="true" @dragstart=${() => (this.#dragged = id)}>
        <button
          class="step-head"
          tabindex=${isActive ? 0 : -1}
          aria-expanded=${String(isOpen)}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete"
          title="Move with Alt+Up and Alt+Down, remove with Delete"
          @click=${() => model.openStep(isOpen ? undefined : id)}
          @focus=${() => this.#setActive(id)}
        >
          ${icon(isOpen ? 'chevron-down' : 'chevron-right')}
          <span class="step-number number">${index + 1}</span>
          <bdi class="step-name">${shown(name)}</bdi>
          <bdi class="step-about quiet"
            >${shown(about)} ${shown(model.targetOf(draft)?.label ?? draft.server)}${isEdited ? ', edited' : ''}</bdi
          >
          <span class="grow"></span>
          ${stateTemplate(model, state)}
        </button>
        ${iconButton({ icon: 'arrow-up', label: `Move step ${index + 1} up`, tabIndex: -1, onClick: () => this.#move(id, index - 1) })}
        ${iconButton({ icon: 'arrow-down', label: `Move step ${index + 1} down`, tabIndex: -1, onClick: () => this.#move(id, index + 1) })}
        ${iconButton({ icon: 'trash', label: `Remove step ${index + 1}`, tabIndex: -1, onClick: () => this.#remove(index) })}
      </div>
      ${
        isOpen
          ? html`<div class="step-body">
              ${callEditorTemplate(model, draft)}
              ${
                index === 0
                  ? nothing
                  : html`<p class="replay-note quiet">
                      A value of an earlier result: <code>\${steps.${index}.result.structuredContent.name}</code>
                    </p>`
              }
              ${state?.outcome ? outcomeTemplate(model, state.outcome, { run: sequenceRun, step: id }) : nothing}
            </div>`
          : nothing
      }
    </li>`;
  }

  #setActive(id: string): void {
    if (this.#active === id) return;
    this.#active = id;
    this.requestUpdate();
  }

  #move(id: string, to: number): void {
    this.#active = id;
    this.#refocus = true;
    this.model.move(id, to);
  }

  #remove(index: number): void {
    const { steps } = this.model;
    const step = steps[index];
    if (!step) return;
    this.#active = (steps[index + 1] ?? steps[index - 1])?.id;
    this.#refocus = true;
    this.model.remove(step.id);
  }

  #onDragOver(event: DragEvent): void {
    if (this.#dragged !== undefined) event.preventDefault();
  }

  #onDrop(event: DragEvent, index: number): void {
    const id = this.#dragged;
    this.#dragged = undefined;
    if (id === undefined) return;
    event.preventDefault();
    this.#move(id, index);
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const { model } = this;
    const { steps } = model;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      if (model.stopped(steps).length === 0) model.start(sequenceRun, steps, false);
      return;
    }
    const head = (event.target as Element).closest('.step-head');
    const id = (event.target as Element).closest<HTMLElement>('[data-step]')?.dataset['step'];
    const index = steps.findIndex((step) => step.id === id);
    if (!head || id === undefined || index < 0 || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && event.altKey) this.#move(id, index + step);
    else if (event.altKey) return;
    else if (step !== undefined || event.key === 'Home' || event.key === 'End') {
      const to = event.key === 'Home' ? 0 : event.key === 'End' ? steps.length - 1 : index + (step ?? 0);
      this.#active = steps[Math.min(steps.length - 1, Math.max(0, to))]?.id;
      this.#refocus = true;
      this.requestUpdate();
    } else if (event.key === 'Delete') this.#remove(index);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

function stateTemplate(model: ReplayModel, state: ReplayStepState | undefined): TemplateResult | typeof nothing {
  if (!state || state.state === 'waiting') return nothing;
  if (state.state === 'running') {
    return html`<span class="step-state">${progressRing('Running')} ${progressText(state.progress)}</span>`;
  }
  if (state.state === 'skipped' || !state.outcome) return html`<span class="step-state quiet">not run</span>`;
  const { outcome } = state;
  const look = verdictLooks[model.verdictOf(outcome)];
  const took = outcome.durationMs === undefined ? '' : `, ${duration(outcome.durationMs)}`;
  return html`<span class="step-state"
    ><span class=${look.tone}>${icon(look.icon)}</span>
    <span>${look.word}<span class="quiet">${took}</span></span></span
  >`;
}
