import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { completeQuery, type QueryCompletion } from '../../src/traffic/queryCompletion';
import { shown } from '../format';
import type { InspectorModel } from '../inspectorModel';
import { iconButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { popupMenu, type MenuItem } from '../ui/popupMenu';

/**
 * The field for the filter, which completes what is typed (ARIA, combobox with a list). Its own input, because the
 * toolkit's hides the real one, so that a list could not be named to those who hear it.
 */
export class FilterField extends LitElement {
  model!: InspectorModel;
  #stop: (() => void) | undefined;
  #completions: readonly QueryCompletion[] = [];
  /** The completion that Enter takes; -1 for none. */
  #active = -1;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override focus(): void {
    this.#input?.focus();
    this.#input?.select();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const isInvalid = model.problems.length > 0;
    const isOpen = this.#completions.length > 0;
    return html`<div class=${isInvalid ? 'filter-field invalid' : 'filter-field'}>
      ${icon('search')}
      <div class="filter-text">
        <div class="filter-marks" aria-hidden="true">${this.#marks()}</div>
        <input
          type="text"
          role="combobox"
          aria-label="Filter"
          aria-autocomplete="list"
          aria-expanded=${String(isOpen)}
          aria-controls="filter-options"
          aria-activedescendant=${this.#active >= 0 ? `filter-option-${this.#active}` : nothing}
          aria-invalid=${isInvalid ? 'true' : nothing}
          aria-describedby=${isInvalid ? 'filter-problem' : nothing}
          placeholder="Filter, e.g. tool:lambda_* dur:>200 -status:ok"
          maxlength="1000"
          spellcheck="false"
          autocomplete="off"
          .value=${live(model.filter)}
          @focus=${() => model.askVocabulary()}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
          @blur=${() => this.#close()}
          @scroll=${this.#onScroll}
        />
      </div>
      ${
        model.filter === ''
          ? nothing
          : iconButton({ icon: 'close', label: 'Clear the filter', onClick: () => model.setFilter('') })
      }
      ${iconButton({ icon: 'bookmark', label: 'Saved filters', onClick: this.#openSaved })}
      <ul
        class=${isOpen ? 'filter-options' : 'filter-options closed'}
        id="filter-options"
        role="listbox"
        aria-label="Completions"
      >
        ${this.#completions.map((completion, index) => this.#option(completion, index))}
      </ul>
    </div>`;
  }

  get #input(): HTMLInputElement | null {
    return this.querySelector('input');
  }

  /** The text once more, unseen behind the field, with lines under what is wrong. */
  #marks(): unknown {
    const { filter, problems } = this.model;
    const parts: unknown[] = [];
    let at = 0;
    for (const { start, end } of problems) {
      if (start < at || end > filter.length) continue;
      parts.push(filter.slice(at, start), html`<span class="wrong">${filter.slice(start, end)}</span>`);
      at = end;
    }
    return parts;
  }

  #option({ text, detail }: QueryCompletion, index: number): TemplateResult {
    return html`<li
      class=${index === this.#active ? 'filter-option active' : 'filter-option'}
      id="filter-option-${index}"
      role="option"
      aria-selected=${String(index === this.#active)}
      @pointerdown=${(event: Event) => event.preventDefault()}
      @click=${() => this.#accept(index)}
    >
      <span class="option-text">${shown(text)}</span
      >${detail === '' ? nothing : html`<span class="option-detail">${detail}</span>`}
    </li>`;
  }

  #suggest(isAsked: boolean): void {
    const input = this.#input;
    const caret = input?.selectionStart ?? 0;
    const isTyping = isAsked || (input !== null && caret > 0 && input.selectionEnd === caret);
    this.#completions = isTyping && input ? completeQuery(input.value, caret, this.model.vocabulary) : [];
    // After a blank the list would only be in the way.
    if (!isAsked && /(^|\s)-?$/.test(input?.value.slice(0, caret) ?? '')) this.#completions = [];
    this.#active = -1;
    this.requestUpdate();
  }

  #close(): void {
    if (this.#completions.length === 0) return;
    this.#completions = [];
    this.#active = -1;
    this.requestUpdate();
  }

  #accept(index: number): void {
    const input = this.#input;
    const completion = this.#completions[index];
    if (!input || !completion) return;
    const { text, start, end, isField } = completion;
    const rest = input.value.slice(end);
    const space = isField || rest.startsWith(' ') ? '' : ' ';
    const caret = start + text.length + (isField ? 0 : 1);
    input.value = input.value.slice(0, start) + text + space + rest;
    input.setSelectionRange(caret, caret);
    this.model.setFilter(input.value);
    if (isField) this.#suggest(true);
    else this.#close();
  }

  #move(step: number): void {
    const { length } = this.#completions;
    this.#active = this.#active < 0 ? (step > 0 ? 0 : length - 1) : (this.#active + step + length) % length;
    this.requestUpdate();
    void this.updateComplete.then(() =>
      this.querySelector('.filter-option.active')?.scrollIntoView({ block: 'nearest' }),
    );
  }

  readonly #onInput = (event: Event): void => {
    this.model.setFilter((event.target as HTMLInputElement).value);
    this.#suggest(false);
  };

  readonly #onScroll = (): void => {
    const marks = this.querySelector<HTMLElement>('.filter-marks');
    if (marks && this.#input) marks.scrollLeft = this.#input.scrollLeft;
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const isOpen = this.#completions.length > 0;
    if (event.key === ' ' && (event.ctrlKey || event.metaKey)) {
      this.#suggest(true);
    } else if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    } else if (isOpen && event.key === 'ArrowDown') {
      this.#move(1);
    } else if (isOpen && event.key === 'ArrowUp') {
      this.#move(-1);
    } else if (isOpen && this.#active >= 0 && (event.key === 'Enter' || event.key === 'Tab')) {
      this.#accept(this.#active);
    } else if (isOpen && event.key === 'Escape') {
      this.#close();
    } else if (event.key === 'Escape' && this.model.filter !== '') {
      this.model.setFilter('');
    } else if (event.key === 'Escape' || event.key === 'ArrowDown' || event.key === 'Enter') {
      this.#close();
      this.dispatchEvent(new CustomEvent('leavefilter', { bubbles: true }));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #openSaved = (event: Event): void => {
    const { model } = this;
    const { right, bottom } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const saved = model.savedFilters;
    const isSaved = saved.includes(model.filter.trim());
    const items: MenuItem[] = [];
    if (model.filter.trim() !== '') {
      items.push(
        isSaved
          ? { label: 'Forget this filter', onSelect: () => model.removeFilter(model.filter.trim()) }
          : { label: 'Save this filter', onSelect: () => model.saveFilter() },
        { label: 'Copy a link to this filter', onSelect: () => model.copyLink() },
        'separator',
      );
    }
    for (const text of saved) {
      items.push({
        label: shown(text),
        hint: 'Delete forgets',
        onSelect: () => model.setFilter(text),
        onRemove: () => model.removeFilter(text),
      });
    }
    if (saved.length === 0)
      items.push({ label: 'No filter is saved in this workspace yet', onSelect: () => this.focus() });
    popupMenu().open('Saved filters', items, { x: right - 280, y: bottom + 4 });
  };
}
