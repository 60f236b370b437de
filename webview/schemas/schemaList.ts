import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { offeredKinds } from '../../src/protocol/offeredKinds';
import type { ItemChange, SchemaItem, SchemaServer } from '../../src/protocol/schemas';
import { count, counted, shown, tokenCount } from '../format';
import { marked } from '../marked';
import { movedByKey } from '../movedByKey';
import { icon } from '../ui/icons';
import { kindLook, stateWords } from './kindLook';
import type { SchemaRow } from './schemaRows';
import { selectionOf, type SchemaModel } from './schemasModel';

/** Height of every line in pixels, as in the editor's own trees. */
const rowHeight = 22;
/** Lines drawn beyond each edge, so that a small scroll shows no gap. */
const overscan = 10;

const changeLook: Readonly<Record<ItemChange, { letter: string; word: string; tone: string }>> = {
  added: { letter: 'A', word: 'new', tone: 'added' },
  changed: { letter: 'M', word: 'changed', tone: 'modified' },
  removed: { letter: 'D', word: 'gone', tone: 'removed' },
};

/** Servers and what they offer, as a tree. Only the lines in sight exist as elements. */
export class SchemaList extends LitElement {
  model!: SchemaModel;
  #stop: (() => void) | undefined;
  #resize: ResizeObserver | undefined;
  #scrollTop = 0;
  #height = 0;
  /** The line that was last brought into sight. */
  #revealed: string | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#resize?.disconnect();
  }

  /** Puts the keyboard on the tree. */
  override focus(): void {
    this.querySelector<HTMLElement>('.schema-tree')?.focus();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override firstUpdated(): void {
    const tree = this.#tree;
    if (!tree) return;
    this.#resize = new ResizeObserver(() => {
      this.#height = tree.clientHeight;
      this.requestUpdate();
    });
    this.#resize.observe(tree);
  }

  protected override updated(): void {
    this.#revealSelected();
  }

  protected override render(): TemplateResult {
    const { rows, selectedRow, search } = this.model;
    const inSight = Math.ceil(this.#height / rowHeight) + 1;
    const start = Math.max(0, Math.min(rows.length - inSight, Math.floor(this.#scrollTop / rowHeight)) - overscan);
    const end = Math.min(rows.length, start + inSight + 2 * overscan);
    const marks = search.toLowerCase().split(/\s+/).filter(Boolean);
    const isDrawn = selectedRow >= start && selectedRow < end;
    return html`<div
      class="schema-tree"
      role="tree"
      tabindex="0"
      aria-label="Servers and what they offer"
      aria-activedescendant=${isDrawn ? `schema-row-${selectedRow}` : nothing}
      @keydown=${this.#onKey}
      @scroll=${this.#onScroll}
      @click=${this.#onClick}
    >
      <div class="extent" role="presentation" .style=${`height:${rows.length * rowHeight}px`}>
        <div class="drawn-rows" role="presentation" .style=${`transform:translateY(${start * rowHeight}px)`}>
          ${repeat(
            rows.slice(start, end),
            (row) => keyOf(row),
            (row, index) => this.#row(row, start + index, start + index === selectedRow, marks),
          )}
        </div>
      </div>
    </div>`;
  }

  #row(row: SchemaRow, index: number, isSelected: boolean, marks: readonly string[]): TemplateResult {
    const content = row.kind === 'server' ? this.#server(row, marks) : this.#item(row.item, marks);
    const isServer = row.kind === 'server';
    const hasItems = isServer && row.found > 0;
    return html`<div
      class=${`schema-row ${row.kind}${isSelected ? ' selected' : ''}`}
      role="treeitem"
      id="schema-row-${index}"
      data-index=${index}
      aria-level=${isServer ? 1 : 2}
      aria-expanded=${hasItems ? String(row.isOpen) : nothing}
      aria-selected=${String(isSelected)}
      aria-posinset=${isServer ? nothing : row.at}
      aria-setsize=${isServer ? nothing : row.found}
    >
      ${content}
    </div>`;
  }

  #server(row: Extract<SchemaRow, { kind: 'server' }>, marks: readonly string[]): TemplateResult {
    const { server, isOpen, found } = row;
    const totals = Object.values(server.lists);
    const tokens = totals.reduce((sum, list) => sum + list.tokens, 0);
    return html`<span class="twistie">${found > 0 ? icon(isOpen ? 'chevron-down' : 'chevron-right') : nothing}</span
      >${icon('server', server.state === 'failed' ? 'failed' : undefined)}<span class="label"
        >${marked(server.label, marks)}</span
      ><span class="unseen">${spokenServer(server)}</span>${
        server.changes > 0
          ? html`<span
              class="change modified"
              aria-hidden="true"
              title="${counted(server.changes, 'change')} since you looked"
              >M</span
            >`
          : nothing
      }<span class="amount" aria-hidden="true"
        >${
          server.isListing
            ? 'listing…'
            : totals.length === 0
              ? stateWords[server.state].toLowerCase()
              : `${count(totals.reduce((sum, list) => sum + list.count, 0))} · ${tokenCount(tokens)}`
        }</span
      >`;
  }

  #item(item: SchemaItem, marks: readonly string[]): TemplateResult {
    const look = kindLook[item.kind];
    const change = item.change && changeLook[item.change];
    return html`<span class="indent"></span>${icon(look.icon)}<span
        class=${item.change === 'removed' ? 'label gone' : 'label'}
        title=${shown(item.title ?? item.name)}
        >${marked(item.name === '' ? '(no name)' : item.name, marks)}</span
      ><span class="unseen">${spokenItem(item)}</span>${
        item.worst
          ? html`<span class="finding-mark ${item.worst === 'error' ? 'failed' : 'warned'}"
              >${icon(item.worst === 'error' ? 'error' : 'warning')}</span
            >`
          : nothing
      }${change ? html`<span class="change ${change.tone}" title=${change.word} aria-hidden="true">${change.letter}</span>` : nothing}<span
        class="amount"
        aria-hidden="true"
        title="${tokenCount(item.tokens)} tokens"
        >${tokenCount(item.tokens)}</span
      >`;
  }

  get #tree(): HTMLElement | null {
    return this.querySelector<HTMLElement>('.schema-tree');
  }

  #revealSelected(): void {
    const tree = this.#tree;
    const { rows, selectedRow } = this.model;
    const row = rows[selectedRow];
    if (!tree || !row || this.#height === 0) return;
    const key = `${keyOf(row)}\n${selectedRow}`;
    if (key === this.#revealed) return;
    this.#revealed = key;
    const top = selectedRow * rowHeight;
    if (top < tree.scrollTop) tree.scrollTop = top;
    else if (top + rowHeight > tree.scrollTop + this.#height) tree.scrollTop = top + rowHeight - this.#height;
  }

  #open(): void {
    this.dispatchEvent(new CustomEvent('openitem', { bubbles: true }));
  }

  readonly #onScroll = (): void => {
    this.#scrollTop = this.#tree?.scrollTop ?? 0;
    this.requestUpdate();
  };

  readonly #onClick = (event: Event): void => {
    const line = (event.target as Element).closest<HTMLElement>('[data-index]');
    const row = line && this.model.rows[Number(line.dataset['index'])];
    if (!row) return;
    if (row.kind === 'server' && (event.target as Element).closest('.twistie')) {
      this.model.fold(row.server, !row.isOpen);
      return;
    }
    this.model.select(selectionOf(row));
    this.#open();
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { model } = this;
    const { rows, selectedRow } = model;
    const row = rows[selectedRow];
    const page = Math.max(1, Math.floor(this.#height / rowHeight) - 1);
    // With nothing selected, up begins at the end.
    const from = selectedRow < 0 && event.key === 'ArrowUp' ? rows.length : selectedRow;
    const moved = movedByKey(event.key, from, rows.length, page);
    if (moved !== undefined) {
      model.selectRow(moved);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    switch (event.key) {
      case 'ArrowRight':
        if (row?.kind !== 'server') return;
        if (row.isOpen && row.found > 0) model.selectRow(selectedRow + 1);
        else model.fold(row.server, true);
        break;
      case 'ArrowLeft':
        if (!row) return;
        if (row.kind === 'server') model.fold(row.server, false);
        else model.select({ server: row.server.key });
        break;
      case 'Enter':
      case ' ':
        if (!row) return;
        this.#open();
        this.dispatchEvent(new CustomEvent('enteritem', { bubbles: true }));
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

function keyOf(row: SchemaRow): string {
  return row.kind === 'server' ? row.server.key : `${row.server.key}\n${row.item.kind}\n${row.item.id}`;
}

/** What is said of a server after its name. */
function spokenServer({ state, lists, changes, isListing }: SchemaServer): string {
  const parts = offeredKinds.flatMap((kind) => {
    const list = lists[kind];
    return list && list.count > 0 ? [counted(list.count, kindLook[kind].one, kindLook[kind].many)] : [];
  });
  return [
    isListing ? 'listing' : stateWords[state].toLowerCase(),
    ...parts,
    ...(changes > 0 ? [counted(changes, 'change')] : []),
  ].join(', ');
}

/** What is said of an item after its name. */
function spokenItem({ kind, worst, change, tokens }: SchemaItem): string {
  return [
    kindLook[kind].one,
    ...(change ? [changeLook[change].word] : []),
    ...(worst ? [worst] : []),
    `about ${counted(tokens, 'token')}`,
  ].join(', ');
}
