import { html, LitElement, nothing, type TemplateResult } from 'lit';
import {
  statisticsGroupings,
  type StatisticsColumn,
  type StatisticsGrouping,
  type StatisticsRow,
} from '../../src/traffic/statistics';
import { count, counted, duration, exactTime, plainKilobytes, plainMilliseconds, shown, size } from '../format';
import { iconButton, progressRing, textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { sparklineTemplate } from './sparkline';
import type { StatisticsModel } from './statisticsModel';

const groupingNames: Readonly<Record<StatisticsGrouping, string>> = {
  tool: 'Tools',
  server: 'Servers',
  client: 'Clients',
};

interface Column {
  column: StatisticsColumn;
  title: string;
  /** What the number is, on hover. */
  about?: string;
}

const columns: readonly Column[] = [
  { column: 'calls', title: 'Calls' },
  { column: 'errors', title: 'Errors' },
  { column: 'errorRate', title: 'Errors %', about: 'Errors among the calls that were answered' },
  { column: 'p50', title: 'p50 ms', about: 'Half of the answered calls took at most this long' },
  { column: 'p95', title: 'p95 ms', about: '95 of 100 answered calls took at most this long' },
  { column: 'p99', title: 'p99 ms', about: '99 of 100 answered calls took at most this long' },
  { column: 'slowest', title: 'Slowest ms', about: 'The longest answered call; opens it' },
  { column: 'bytes', title: 'kB', about: 'Size of requests and responses in kilobytes' },
  { column: 'tokens', title: 'Tokens ~', about: 'Estimated tokens of requests and responses' },
];

/** Calls, errors, durations and sizes for each tool, server or client. */
export class StatisticsView extends LitElement {
  model!: StatisticsModel;
  #stop: (() => void) | undefined;
  /** The line that the keyboard is on, by name and server. */
  #active: string | undefined;
  #refocus = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
    this.model.watch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.model.unwatch();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    if (!this.#refocus) return;
    this.#refocus = false;
    this.querySelector<HTMLElement>('tbody tr[tabindex="0"]')?.focus();
  }

  protected override render(): TemplateResult {
    const { model } = this;
    const { statistics } = model;
    return html`
      <div class="view-bar">
        <div class="choice" role="radiogroup" aria-label="Group by" @keydown=${this.#onChoiceKey}>
          ${statisticsGroupings.map(
            (by) =>
              html`<button
                role="radio"
                aria-checked=${String(by === model.by)}
                tabindex=${by === model.by ? 0 : -1}
                @click=${() => model.setBy(by)}
              >
                ${groupingNames[by]}
              </button>`,
          )}
        </div>
        <span class="quiet grow span">${statistics ? spanText(statistics.span) : nothing}</span>
        ${iconButton({ icon: 'export', label: 'Export as CSV', onClick: () => model.export() })}
      </div>
      ${this.#content()}
    `;
  }

  #content(): TemplateResult {
    const { statistics, filter } = this.model;
    if (!statistics) return html`<div class="empty-state">${progressRing('Loading')}</div>`;
    if (statistics.rows.length === 0) {
      return html`<div class="empty-state">
        <p>${filter === '' ? 'No call was recorded yet.' : 'No recorded call matches this filter.'}</p>
        ${filter === '' ? nothing : textButton('Clear the filter', () => this.model.clearFilter())}
      </div>`;
    }
    const { rows, total, omitted, by } = statistics;
    const keys = rows.map(keyOf);
    const active = this.#active !== undefined && keys.includes(this.#active) ? this.#active : keys[0];
    return html`<div class="statistics-frame">
      <table class="statistics" role="grid" aria-label="Statistics by ${by}" aria-rowcount=${rows.length + 2}>
        <thead>
          <tr>
            ${this.#header({ column: 'name', title: groupingNames[by].slice(0, -1) }, 'name')}
            <th scope="col" class="over-time">
              <span title="Calls over time, failed ones in the colour of errors">Over time</span>
            </th>
            ${columns.map((column) => this.#header(column, 'number'))}
          </tr>
        </thead>
        <tbody @keydown=${this.#onRowKey}>
          ${rows.map((row) => this.#row(row, keyOf(row) === active))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" class="name">All</th>
            ${this.#cells(total)}
          </tr>
        </tfoot>
      </table>
      ${omitted > 0 ? html`<p class="quiet omitted">${counted(omitted, 'more line')} in the export.</p>` : nothing}
    </div>`;
  }

  #header({ column, title, about }: Column, className: string): TemplateResult {
    const { sort } = this.model;
    const isSorted = sort.column === column;
    return html`<th
      scope="col"
      class="${className} ${column}"
      aria-sort=${isSorted ? (sort.isDescending ? 'descending' : 'ascending') : nothing}
    >
      <button title=${about ?? nothing} @click=${() => this.model.sortBy(column)}>
        <span>${title}</span>${isSorted ? icon(sort.isDescending ? 'chevron-down' : 'chevron-up') : nothing}
      </button>
    </th>`;
  }

  #row(row: StatisticsRow, isActive: boolean): TemplateResult {
    const server = row.server;
    return html`<tr
      data-key=${keyOf(row)}
      tabindex=${isActive ? 0 : -1}
      aria-label=${spoken(row)}
      @focus=${() => this.#setActive(keyOf(row))}
      @dblclick=${() => this.model.listCalls(row)}
    >
      <th scope="row" class="name" title=${[shown(row.name), shown(server)].filter(Boolean).join('\n')}>
        <span class="label">${shown(row.name)}</span>${
          server === undefined ? nothing : html`<span class="about">${shown(server)}</span>`
        }${row.pending > 0 ? html`<span class="about">${count(row.pending)} pending</span>` : nothing}
      </th>
      ${this.#cells(row)}
    </tr>`;
  }

  #cells(row: StatisticsRow): TemplateResult {
    const { slowest } = row;
    const unanswered = [
      row.pending > 0 ? `${count(row.pending)} pending` : '',
      row.cancelled > 0 ? `${count(row.cancelled)} cancelled` : '',
    ].filter(Boolean);
    return html`<td class="over-time">${sparklineTemplate(row.spark)}</td>
      <td class="number calls" title=${unanswered.join(', ') || nothing}>${count(row.calls)}</td>
      <td class=${row.errors > 0 ? 'number errors some' : 'number errors'}>${count(row.errors)}</td>
      <td class=${row.errors > 0 ? 'number errorRate some' : 'number errorRate'}>
        ${row.errorRate === undefined ? '–' : percent(row.errorRate)}
      </td>
      ${[row.p50, row.p95, row.p99].map(
        (value, index) =>
          html`<td class="number p${[50, 95, 99][index]}" title=${value === undefined ? nothing : duration(value)}>
            ${value === undefined ? '–' : plainMilliseconds(value)}
          </td>`,
      )}
      <td class="number slowest">
        ${
          slowest
            ? html`<button
                class="link"
                tabindex="-1"
                title="Open the slowest call (s)"
                @click=${() => this.model.open(slowest.seq)}
              >
                ${plainMilliseconds(slowest.durationMs)}
              </button>`
            : '–'
        }
      </td>
      <td class="number bytes" title=${size(row.bytes)}>${plainKilobytes(row.bytes)}</td>
      <td class="number tokens">${count(row.tokens)}</td>`;
  }

  #setActive(key: string): void {
    if (key === this.#active) return;
    this.#active = key;
    this.requestUpdate();
  }

  readonly #onChoiceKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = statisticsGroupings.indexOf(this.model.by) + step;
    const next = statisticsGroupings[(at + statisticsGroupings.length) % statisticsGroupings.length];
    if (next === undefined) return;
    const group = event.currentTarget as HTMLElement;
    this.model.setBy(next);
    void this.updateComplete.then(() => group.querySelector<HTMLElement>('[aria-checked=true]')?.focus());
  };

  readonly #onRowKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = this.model.statistics?.rows ?? [];
    const focused = (event.target as Element).closest<HTMLElement>('tr')?.dataset['key'];
    const at = rows.findIndex((row) => keyOf(row) === focused);
    const row = rows[at];
    if (!row) return;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      const next = rows[Math.min(rows.length - 1, Math.max(0, to))];
      if (next) this.#active = keyOf(next);
      this.#refocus = true;
      this.requestUpdate();
    } else if (event.key === 'Enter') {
      if ((event.target as Element).closest('button')) return;
      this.model.listCalls(row);
    } else if (event.key === 's') {
      if (row.slowest) this.model.open(row.slowest.seq);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

function keyOf({ name, server }: StatisticsRow): string {
  return `${name}\n${server ?? ''}`;
}

function percent(part: number): string {
  const value = part * 100;
  return value === 0 ? '0' : value < 9.95 ? value.toFixed(1) : String(Math.round(value));
}

function spanText(span: { from: number; to: number } | undefined): TemplateResult | typeof nothing {
  if (!span) return nothing;
  const title = `${exactTime(span.from)} to ${exactTime(span.to)}`;
  return html`<span title=${title}>over ${duration(span.to - span.from)}</span>`;
}

function spoken(row: StatisticsRow): string {
  const parts = [shown(row.name).replaceAll(/[_/]/g, ' ')];
  if (row.server !== undefined) parts.push(shown(row.server));
  parts.push(counted(row.calls, 'call'), counted(row.errors, 'error'));
  if (row.p50 !== undefined) parts.push(`half within ${duration(row.p50)}`);
  if (row.slowest) parts.push(`slowest ${duration(row.slowest.durationMs)}`);
  return parts.join(', ');
}
