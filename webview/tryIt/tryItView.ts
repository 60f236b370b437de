import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { offeredKinds, type OfferedKind } from '../../src/protocol/offeredKinds';
import type { TryItItem, TryItServer } from '../../src/protocol/tryIt';
import { count, counted, shown } from '../format';
import { iconButton, primaryButton, progressRing, textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { popupMenu } from '../ui/popupMenu';
import { claimWords } from './claimWords';
import { fieldId, formTemplate } from './fieldTemplates';
import { runTemplate } from './resultTemplates';
import type { TryItModel } from './tryItModel';

const kindNames: Readonly<Record<OfferedKind, string>> = {
  tools: 'Tools',
  prompts: 'Prompts',
  resources: 'Resources',
  resourceTemplates: 'Resource templates',
};

/** The Schemas tab has all of it. */
const maxDescription = 1500;

const stateWords: Readonly<Record<TryItServer['state'], string>> = {
  stopped: 'not started',
  starting: 'starting',
  ready: 'running',
  failed: 'failed',
  needsSignIn: 'needs a sign-in',
};

/** Fills in what a server offers, runs it, and shows what comes of it. */
export class TryItView extends LitElement {
  model!: TryItModel;
  #stop: (() => void) | undefined;
  #isNaming = false;
  /** Which run, and whether its end, was scrolled to last. */
  #seenRun = '';

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
    this.model.watch();
    this.addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.model.unwatch();
    this.removeEventListener('keydown', this.#onKey);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    this.#showResult();
    const wanted = this.model.wantedFocus;
    if (wanted === undefined) return;
    const element = this.#nearest(wanted);
    if (!element) return;
    this.model.takeFocus();
    element.scrollIntoView({ block: 'nearest' });
    const control = element.matches('input, textarea, select, button')
      ? element
      : element.querySelector<HTMLElement>('vscode-button');
    (control ?? element).focus();
  }

  protected override render(): TemplateResult {
    const { model } = this;
    return html`<div class="try">
      ${this.#choiceTemplate()} ${this.#bodyTemplate()}
      <div class="unseen" role="status">${model.notice}</div>
    </div>`;
  }

  /** Where the page is one column, the result comes below everything else. */
  #showResult(): void {
    const { run } = this.model;
    const seen = run ? `${run.id} ${run.end === undefined}` : '';
    if (seen === this.#seenRun) return;
    const isFirst = this.#seenRun === '' && run?.end !== undefined;
    this.#seenRun = seen;
    // What was there before the page was loaded moves nothing.
    if (!isFirst) this.querySelector('.try-result')?.scrollIntoView({ block: 'nearest' });
  }

  /** The field at a pointer, or the nearest around it that is drawn. */
  #nearest(pointer: string): HTMLElement | null {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const element = this.querySelector<HTMLElement>(`[id="${CSS.escape(fieldId(at))}"]`);
      if (element || at === '') return element;
    }
  }

  #choiceTemplate(): TemplateResult {
    const { model } = this;
    const { servers = [], server, items, target } = model;
    const kinds = offeredKinds.filter((kind) => items.some((item) => item.kind === kind));
    const isKnown = target !== undefined && items.some((item) => isItem(item, target));
    const chosen = target && isKnown ? keyOf(target) : '';
    return html`<div class="try-choice">
      <label
        ><span>Server</span
        ><select
          .value=${live(model.serverKey ?? '')}
          @change=${(event: Event) => model.chooseServer((event.target as HTMLSelectElement).value)}
        >
          ${server ? nothing : html`<option value=${model.serverKey ?? ''} selected>${model.serverKey === undefined ? 'Choose a server' : 'A server that is gone'}</option>`}
          ${servers.map(
            ({ key, label, state }) =>
              html`<option value=${key} ?selected=${key === model.serverKey}>
                ${shown(label)}${state === 'ready' ? '' : ` (${stateWords[state]})`}
              </option>`,
          )}
        </select></label
      >
      <label class="grow"
        ><span>Try</span
        ><select
          .value=${live(chosen)}
          ?disabled=${items.length === 0}
          @change=${(event: Event) => {
            const item = readKey((event.target as HTMLSelectElement).value);
            if (item) model.chooseItem(item);
          }}
        >
          ${isKnown ? nothing : html`<option value="" selected>${items.length === 0 ? 'Nothing to choose from yet' : 'Choose what to try'}</option>`}
          ${kinds.map(
            (kind) =>
              html`<optgroup label=${kindNames[kind]}>
                ${items
                  .filter((item) => item.kind === kind)
                  .map(
                    (item) =>
                      html`<option value=${keyOf(item)} ?selected=${keyOf(item) === chosen}>
                        ${shown(item.name)}
                      </option>`,
                  )}
              </optgroup>`,
          )}
        </select></label
      >
    </div>`;
  }

  #bodyTemplate(): TemplateResult {
    const { model } = this;
    const { servers, server, offer, target, definition } = model;
    if (servers === undefined) return html`<div class="empty-state">${progressRing('Loading')}</div>`;
    if (servers.length === 0) return html`<div class="empty-state"><p>There is no server to try anything on.</p></div>`;
    if (!server) return html`<div class="empty-state"><p>Choose the server to try something on.</p></div>`;
    if (definition) return this.#inputTemplate();
    if (model.isGone)
      return html`<div class="empty-state"><p>${shown(target?.name)} is not offered any more.</p></div>`;
    if (offer?.isListing === true)
      return html`<div class="empty-state">
        ${progressRing('Asking the server')}
        <p>Asking the server what it offers.</p>
      </div>`;
    if (offer?.items === undefined || offer.failure) return this.#startTemplate(server);
    if (offer.items.length === 0) return html`<div class="empty-state"><p>This server offers nothing to try.</p></div>`;
    const left = offer.omitted > 0 ? ` ${count(offer.omitted)} more are left out.` : '';
    return html`<div class="empty-state"><p>Choose a tool, prompt or resource to try.${left}</p></div>`;
  }

  #startTemplate(server: TryItServer): TemplateResult {
    const { failure } = this.model.offer ?? {};
    const isReady = server.state === 'ready';
    const text =
      server.state === 'needsSignIn'
        ? 'This server needs a sign-in. Sign in to it in the Servers view, then start it here.'
        : isReady
          ? 'This server runs, and has not been asked yet what it offers.'
          : 'This server is not started. It is started when you say so.';
    return html`<div class="empty-state">
      ${
        failure
          ? html`<p class="field-problem">${icon('error')}${shown(failure.message)}</p>
              <p class="quiet">${shown(failure.remedy)}</p>`
          : html`<p>${text}</p>`
      }
      ${textButton(failure ? 'Try again' : isReady ? 'Ask what it offers' : `Start ${shown(server.label)}`, () => this.model.start())}
    </div>`;
  }

  #inputTemplate(): TemplateResult {
    const { model } = this;
    const { form, root, textProblem, definition, run } = model;
    return html`${this.#aboutTemplate()}
      <div class=${form ? 'try-input' : 'try-input only-text'}>
        ${
          form && root
            ? html`<div class="try-form" role="form" aria-label="Input">
                ${
                  textProblem === undefined
                    ? nothing
                    : html`<p class="field-problem">${icon('warning')}The form waits until the JSON can be read.</p>`
                }
                <div ?inert=${textProblem !== undefined}>${formTemplate(model, form, root)}</div>
              </div>`
            : nothing
        }
        <div class="try-json">
          <label for="try-json">JSON</label>
          ${definition?.problem === undefined ? nothing : html`<p class="quiet">${shown(definition.problem)}</p>`}
          <textarea
            id="try-json"
            spellcheck="false"
            aria-invalid=${String(textProblem !== undefined)}
            aria-describedby=${textProblem === undefined ? nothing : 'try-json-problem'}
            .value=${live(model.text)}
            @input=${(event: Event) => model.setText((event.target as HTMLTextAreaElement).value)}
          ></textarea>
          ${
            textProblem === undefined
              ? nothing
              : html`<p class="field-problem" id="try-json-problem" role="alert">
                  ${icon('error')}${shown(textProblem)}
                </p>`
          }
          ${model.losesDigits ? html`<p class="quiet">Numbers with more than 15 digits are rounded.</p>` : nothing}
        </div>
      </div>
      ${this.#actionsTemplate()} ${run ? runTemplate(model, run) : nothing}`;
  }

  #aboutTemplate(): TemplateResult {
    const { definition, target, server, isGone } = this.model;
    const claims = definition?.claims ? claimWords(definition.claims, server?.isOwn === true) : undefined;
    return html`<div class="try-about">
      <h2>${shown(definition?.title ?? target?.name)}</h2>
      ${isGone ? html`<p class="try-claims changes">${icon('warning')}The server does not offer it any more.</p>` : nothing}
      ${definition?.description === undefined ? nothing : html`<p class="try-description">${shown(definition.description.slice(0, maxDescription))}</p>`}
      ${
        claims
          ? html`<p class=${claims.isChange ? 'try-claims changes' : 'try-claims'}>
              ${icon(claims.isChange ? 'warning' : 'info')}${claims.text}
            </p>`
          : nothing
      }
    </div>`;
  }

  #actionsTemplate(): TemplateResult {
    const { model } = this;
    return html`<div class="try-actions">
      ${primaryButton({
        label: 'Run',
        title: 'Run (Ctrl+Enter)',
        isDisabled: !model.canRun,
        onClick: () => model.send(),
      })}
      ${model.isRunning ? textButton('Cancel', () => model.cancel()) : nothing}
      ${textButton('Reset', () => model.reset())} ${textButton('Fill in samples', () => model.fillIn())}
      ${textButton('Copy as JSON', () => model.copyText(model.text))} ${this.#savedTemplate()}
      ${this.#problemCountTemplate()}
    </div>`;
  }

  #problemCountTemplate(): TemplateResult {
    const { model } = this;
    const { length } = model.problems;
    if (length > 0) {
      return html`<button class="try-problems" @click=${() => model.goToProblem()}>
        ${icon('error')}${counted(length, 'problem')}
      </button>`;
    }
    return html`<span class="try-problems quiet"
      >${model.textProblem === undefined && !model.isChecked ? 'Not everything could be checked' : ''}</span
    >`;
  }

  #savedTemplate(): TemplateResult {
    const { model } = this;
    if (this.#isNaming) {
      const save = (): void => {
        const input = this.querySelector<HTMLInputElement>('#try-save-name');
        if (!input || input.value.trim() === '') return input?.focus();
        model.saveInput(input.value);
        this.#setNaming(false);
      };
      const press = (event: KeyboardEvent): void => {
        if (event.key === 'Enter' && !event.ctrlKey) save();
        else if (event.key === 'Escape') this.#setNaming(false);
        else return;
        event.preventDefault();
        event.stopPropagation();
      };
      return html`<span class="try-naming"
        ><input
          id="try-save-name"
          type="text"
          aria-label="Name of the input"
          placeholder="Name of the input"
          maxlength="100"
          @keydown=${press}
        />${textButton('Save', save)}${iconButton({
          icon: 'close',
          label: 'Do not save',
          onClick: () => this.#setNaming(false),
        })}</span
      >`;
    }
    return html`${textButton('Save input', () => this.#setNaming(true))}
    ${
      model.saved.length === 0
        ? nothing
        : html`<span @click=${this.#openSaved}
            >${textButton(`Saved inputs (${model.saved.length})`, () => undefined)}</span
          >`
    }`;
  }

  #setNaming(isNaming: boolean): void {
    this.#isNaming = isNaming;
    this.requestUpdate();
    if (isNaming) void this.updateComplete.then(() => this.querySelector<HTMLElement>('#try-save-name')?.focus());
  }

  readonly #openSaved = (event: Event): void => {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    const { model } = this;
    popupMenu().open(
      'Saved inputs',
      model.saved.map(({ name }) => ({
        label: shown(name),
        hint: 'Delete removes it',
        onSelect: () => model.useSaved(name),
        onRemove: () => model.forgetSaved(name),
      })),
      { x: left, y: top },
    );
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    this.model.send();
    event.preventDefault();
    event.stopPropagation();
  };
}

function keyOf({ kind, name }: Pick<TryItItem, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

function readKey(key: string): Pick<TryItItem, 'kind' | 'name'> | undefined {
  const at = key.indexOf(' ');
  const kind = offeredKinds.find((each) => each === key.slice(0, at));
  return kind && { kind, name: key.slice(at + 1) };
}

function isItem(item: TryItItem, { kind, name }: Pick<TryItItem, 'kind' | 'name'>): boolean {
  return item.kind === kind && item.name === name;
}
