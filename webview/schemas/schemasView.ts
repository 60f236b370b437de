import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { counted } from '../format';
import { splitterTemplate } from '../splitter';
import { iconButton, nameFields, progressRing, searchField, textButton } from '../ui/controls';
import type { SchemaDetail } from './schemaDetail';
import type { SchemaList } from './schemaList';
import type { SchemaModel } from './schemasModel';

/** From this width on, in pixels, the item stands beside the list. */
const wideFrom = 600;

/** Everything that servers offer: a list of it, and the item that is selected. */
export class SchemaView extends LitElement {
  model!: SchemaModel;
  #stop: (() => void) | undefined;
  #resize: ResizeObserver | undefined;
  #isWide = true;
  /** Whether the item covers the list, where there is room for one of them only. */
  #isItemOpen = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
    this.#isWide = this.clientWidth >= wideFrom;
    this.#resize = new ResizeObserver(() => {
      const isWide = this.clientWidth >= wideFrom;
      if (isWide === this.#isWide) return;
      this.#isWide = isWide;
      this.requestUpdate();
    });
    this.#resize.observe(this);
    this.model.watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#resize?.disconnect();
    this.model.unwatch();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override willUpdate(): void {
    // What was asked for from elsewhere is shown even where the list would cover it.
    if (this.model.takeReveal()) this.#isItemOpen = true;
  }

  protected override updated(): void {
    nameFields(this);
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const { servers, split, selected } = model;
    if (!servers) return html`<div class="empty-state">${progressRing('Loading')}</div>`;
    if (servers.length === 0) {
      return html`<div class="empty-state">
        <p>
          ${isReadOnly() ? 'No list of tools was recorded in this trace.' : 'What MCP servers offer appears here once there is one.'}
        </p>
      </div>`;
    }
    const isItemShown = this.#isWide || (this.#isItemOpen && selected !== undefined);
    const isListShown = this.#isWide || !isItemShown;
    return html`<div
      class=${this.#isWide ? 'schemas wide' : 'schemas'}
      .style=${this.#isWide ? `--panes:${(1 - split).toFixed(3)}fr auto ${split.toFixed(3)}fr` : ''}
      @openitem=${this.#openItem}
      @enteritem=${this.#enterItem}
      @back=${this.#back}
      @keydown=${this.#onKey}
    >
      ${isListShown ? this.#list() : nothing}
      ${this.#isWide ? splitterTemplate({ isWide: true, split, onSplit: (part) => model.setSplit(part) }) : nothing}
      ${
        isItemShown
          ? html`<mcpw-schema-detail .model=${model} .hasBack=${!this.#isWide}></mcpw-schema-detail>`
          : nothing
      }
    </div>`;
  }

  #list(): TemplateResult {
    const { model } = this;
    const { search, isNotable, rows } = model;
    const found = rows.reduce((sum, row) => sum + (row.kind === 'server' ? row.found : 0), 0);
    const isNarrowed = search !== '' || isNotable;
    return html`<div class="schema-pane">
      <div class="schema-search">
        ${searchField({
          label: 'Search what servers offer',
          placeholder: 'Name, description or parameter',
          value: search,
          isInvalid: false,
          onInput: (text) => model.setSearch(text),
          onKeyDown: this.#onSearchKey,
        })}
        ${iconButton({
          icon: 'filter',
          label: 'Only what has findings or changed',
          isPressed: isNotable,
          onClick: () => model.toggleNotable(),
        })}
      </div>
      ${
        rows.length === 0
          ? html`<div class="schema-nothing">
              <p class="quiet">
                ${search === '' ? 'Nothing has findings, and nothing changed.' : 'Nothing is called that.'}
              </p>
              ${textButton('Show all', () => model.clearSearch())}
            </div>`
          : html`<mcpw-schema-list .model=${model}></mcpw-schema-list>`
      }
      <div class="unseen" role="status">${isNarrowed ? `${counted(found, 'item')} found.` : ''}</div>
    </div>`;
  }

  readonly #openItem = (): void => {
    if (this.#isWide) return;
    this.#isItemOpen = true;
    this.requestUpdate();
  };

  readonly #enterItem = async (): Promise<void> => {
    await this.updateComplete;
    const detail = this.querySelector<SchemaDetail>('mcpw-schema-detail');
    await detail?.updateComplete;
    detail?.focusFirst();
  };

  readonly #back = async (): Promise<void> => {
    this.#isItemOpen = false;
    this.requestUpdate();
    await this.updateComplete;
    const list = this.querySelector<SchemaList>('mcpw-schema-list');
    await list?.updateComplete;
    list?.focus();
  };

  readonly #onSearchKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      if (this.model.selectedRow < 0) this.model.selectRow(1);
      this.querySelector<SchemaList>('mcpw-schema-list')?.focus();
    } else if (event.key === 'Escape' && this.model.search !== '') this.model.setSearch('');
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    if (!(event.target as Element).closest('mcpw-schema-detail')) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.#isWide) this.querySelector<SchemaList>('mcpw-schema-list')?.focus();
    else void this.#back();
  };
}

/** Whether the page shows a trace file. */
function isReadOnly(): boolean {
  return document.body.dataset['readOnly'] === 'true';
}
