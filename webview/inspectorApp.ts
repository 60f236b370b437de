import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { EarlierState } from '../src/traffic/trafficSource';
import { DetailPane } from './detail/detailPane';
import { JsonTree } from './detail/jsonTree';
import { counted } from './format';
import { trafficPages, type InspectorModel } from './inspectorModel';
import { FilterField } from './list/filterField';
import { TrafficList } from './list/trafficList';
import { DiffView } from './replay/diffView';
import { ReplayCallView } from './replay/replayCallView';
import { ReplayView } from './replay/replayView';
import type { ReplayModel } from './replay/replayModel';
import { pageTabs, type PageTab } from './savedState';
import type { SchemaModel } from './schemas/schemasModel';
import { SchemaDetail } from './schemas/schemaDetail';
import { SchemaList } from './schemas/schemaList';
import { SchemaTable } from './schemas/schemaTable';
import { SchemaView } from './schemas/schemasView';
import { splitterTemplate } from './splitter';
import type { StatisticsModel } from './statistics/statisticsModel';
import { StatisticsView } from './statistics/statisticsView';
import { tabStripTemplate } from './tabs';
import type { TimelineModel } from './timeline/timelineModel';
import { TimelineView } from './timeline/timelineView';
import type { TryItModel } from './tryIt/tryItModel';
import { TryItView } from './tryIt/tryItView';
import { iconButton, progressRing, textButton } from './ui/controls';
import { PopupMenu } from './ui/popupMenu';

/** From this width on, the detail stands beside the list. */
const wideFrom = 600;

/** The views that are offered, in the order of their tabs. */
const offeredTabs: readonly PageTab[] = pageTabs;

/** What the page shows, one model for each of its views. */
export interface InspectorModels {
  model: InspectorModel;
  statistics: StatisticsModel;
  timeline: TimelineModel;
  schemas: SchemaModel;
  tryIt: TryItModel;
  replay: ReplayModel;
}

/** The whole page. */
export class InspectorApp extends LitElement {
  static #started: InspectorModels | undefined;
  #resize: ResizeObserver | undefined;
  #isWide = true;
  #drawnPage: PageTab | undefined;

  /** Defines the elements of the page, which brings the one in the page's HTML to life. */
  static start(models: InspectorModels): void {
    InspectorApp.#started = models;
    customElements.define('mcpw-json-tree', JsonTree);
    customElements.define('mcpw-detail', DetailPane);
    customElements.define('mcpw-menu', PopupMenu);
    customElements.define('mcpw-filter', FilterField);
    customElements.define('mcpw-traffic-list', TrafficList);
    customElements.define('mcpw-statistics', StatisticsView);
    customElements.define('mcpw-timeline', TimelineView);
    customElements.define('mcpw-schema-table', SchemaTable);
    customElements.define('mcpw-schema-list', SchemaList);
    customElements.define('mcpw-schema-detail', SchemaDetail);
    customElements.define('mcpw-schemas', SchemaView);
    customElements.define('mcpw-try-it', TryItView);
    customElements.define('mcpw-replay', ReplayView);
    customElements.define('mcpw-json-diff', DiffView);
    customElements.define('mcpw-replay-call', ReplayCallView);
    customElements.define('mcpw-inspector', InspectorApp);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#model.onChange(() => this.requestUpdate());
    this.#isWide = this.clientWidth >= wideFrom;
    this.#resize = new ResizeObserver(() => {
      const isWide = this.clientWidth >= wideFrom;
      if (isWide === this.#isWide) return;
      this.#isWide = isWide;
      this.requestUpdate();
    });
    this.#resize.observe(this);
    window.addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize?.disconnect();
    window.removeEventListener('keydown', this.#onKey);
  }

  get #models(): InspectorModels {
    if (!InspectorApp.#started) throw new Error('The page was not started.');
    return InspectorApp.#started;
  }

  get #model(): InspectorModel {
    return this.#models.model;
  }

  get #page(): PageTab {
    return offeredTabs.find((tab) => tab === this.#model.page) ?? 'exchanges';
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    // In the side bar there is not room for all tabs.
    if (this.#drawnPage === this.#page) return;
    this.#drawnPage = this.#page;
    this.querySelector(`#page-tab-${this.#page}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  protected override render(): TemplateResult {
    const model = this.#model;
    const { isDetailShown, split } = model;
    const page = this.#page;
    // A timeline needs all of the width.
    const isWide = this.#isWide && page !== 'timeline';
    const sizes = `${(1 - split).toFixed(3)}fr auto ${split.toFixed(3)}fr`;
    return html`
      ${this.#toolbar()}
      <main
        class=${isWide ? 'panes wide' : 'panes narrow'}
        .style=${isDetailShown ? `--panes:${sizes}` : '--panes:1fr'}
        @enterdetail=${this.#focusDetail}
      >
        <div class="list-pane" id="page-panel" role="tabpanel" aria-labelledby="page-tab-${page}">
          ${this.#view(page)}
        </div>
        ${
          isDetailShown
            ? html`${splitterTemplate({ isWide, split, onSplit: (part) => model.setSplit(part) })}
                <mcpw-detail .model=${model} .replay=${this.#models.replay}></mcpw-detail>`
            : nothing
        }
        <mcpw-menu></mcpw-menu>
      </main>
      ${trafficPages.has(page) ? this.#footer() : nothing}
      <div class="unseen" role="status">${model.notice}</div>
    `;
  }

  #view(page: PageTab): TemplateResult {
    if (page === 'statistics') return html`<mcpw-statistics .model=${this.#models.statistics}></mcpw-statistics>`;
    if (page === 'timeline') return html`<mcpw-timeline .model=${this.#models.timeline}></mcpw-timeline>`;
    if (page === 'schemas') return html`<mcpw-schemas .model=${this.#models.schemas}></mcpw-schemas>`;
    if (page === 'tryIt') return html`<mcpw-try-it .model=${this.#models.tryIt}></mcpw-try-it>`;
    if (page === 'replay') return html`<mcpw-replay .model=${this.#models.replay}></mcpw-replay>`;
    return html`<mcpw-traffic-list .model=${this.#model} .replay=${this.#models.replay}></mcpw-traffic-list>
      ${this.#emptyState()}`;
  }

  #toolbar(): TemplateResult {
    const model = this.#model;
    // In the side bar the view's own title has these; a trace file can be saved anew, but neither paused nor cleared.
    const isPanel = document.body.dataset['surface'] === 'panel';
    const tabs = tabStripTemplate({ tabs: offeredTabs, selected: this.#page, onSelect: (tab) => model.setPage(tab) });
    if (!trafficPages.has(this.#page)) {
      return html`<header class="toolbar tabs-only">
        <h1 class="unseen">MCP traffic</h1>
        ${tabs}
      </header>`;
    }
    return html`<header class="toolbar">
        <h1 class="unseen">MCP traffic</h1>
        <mcpw-filter .model=${model} @leavefilter=${() => this.#focusList()}></mcpw-filter>
        ${
          isReadOnly()
            ? nothing
            : iconButton({
                icon: 'arrow-down',
                label: 'Follow the newest (f)',
                isPressed: model.follow,
                onClick: () => model.setFollow(!model.follow),
              })
        }
        ${
          isPanel && !isReadOnly()
            ? html`${iconButton(
                model.isPaused
                  ? { icon: 'play', label: 'Resume recording (p)', onClick: () => model.togglePause() }
                  : { icon: 'debug-pause', label: 'Pause recording (p)', onClick: () => model.togglePause() },
              )}${iconButton({ icon: 'clear-all', label: 'Clear', onClick: () => model.clear() })}`
            : nothing
        }
        ${isPanel ? iconButton({ icon: 'save', label: 'Save the traffic', onClick: () => model.saveTraffic() }) : nothing}
        ${tabs}
      </header>
      ${model.problems.length === 0 ? nothing : html`<p class="problem" id="filter-problem" role="alert">${model.problems.map(({ text }) => text).join(' ')}</p>`}`;
  }

  #emptyState(): TemplateResult | typeof nothing {
    const model = this.#model;
    if (!model.hasList) return html`<div class="empty-state">${progressRing('Loading')}</div>`;
    if (model.count > 0) return nothing;
    if (model.extent.kept > 0) {
      return html`<div class="empty-state">
        <p>Nothing recorded matches this filter.</p>
        ${textButton('Clear the filter', () => model.setFilter(''))}
      </div>`;
    }
    if (isReadOnly()) return html`<div class="empty-state"><p>This trace has no messages.</p></div>`;
    return html`<div class="empty-state">
      <p>
        ${
          model.isPaused
            ? 'Recording is paused. Resume it to see what clients and servers say.'
            : 'What MCP clients and servers say to each other appears here as it happens.'
        }
      </p>
    </div>`;
  }

  #footer(): TemplateResult {
    const { extent, isPaused, filter, mode, searchedPart, selection } = this.#model;
    const [one, many] = filter === '' ? [mode.slice(0, -1), mode] : ['match', 'matches'];
    return html`<footer class="footer">
      ${isPaused ? html`<span class="paused">Paused</span>` : nothing}
      <span>${counted(extent.matched, one, many)}</span>
      ${selection.size > 1 ? html`<span>${selection.size} selected${selection.isFull ? ', as many as may be' : ''}</span>` : nothing}
      ${
        searchedPart === undefined
          ? nothing
          : html`<span class="searching">Searching bodies, ${Math.floor(searchedPart * 100)} %</span>`
      }
      ${filter === '' && mode === 'messages' ? nothing : html`<span>${counted(extent.kept, 'message')}</span>`}
      ${
        extent.dropped > 0
          ? html`<span
              title="The memory for traffic is full, so the oldest make room for the newest. Where traffic is recorded to disk, they can be shown again."
              >${counted(extent.dropped, 'older one', 'older ones')} dropped</span
            >`
          : nothing
      }
      ${this.#earlier(extent.earlier)}
    </footer>`;
  }

  #earlier(state: EarlierState = 'none'): TemplateResult | typeof nothing {
    if (state === 'none') return nothing;
    if (state === 'reading') return html`<span class="searching">Reading earlier traffic</span>`;
    return html`<button
      class="footer-action"
      title="Reads older messages, which were recorded to disk, into this list"
      @click=${() => this.#model.showEarlier()}
    >
      Show earlier traffic
    </button>`;
  }

  /** Takes the selected calls into a sequence, or opens the active one to be run again. */
  #replay(): void {
    const model = this.#model;
    const { selection } = model;
    if (selection.size > 1) {
      this.#models.replay.addRecorded(selection.list);
      return;
    }
    if (model.active === undefined) return;
    model.setTab('replay');
    model.openDetail();
    void this.#focusDetail();
  }

  readonly #focusDetail = async (): Promise<void> => {
    await this.updateComplete;
    this.querySelector<DetailPane>('mcpw-detail')?.focusTabs();
  };

  #focusList(): void {
    this.querySelector<HTMLElement>('#page-panel [tabindex="0"]:not([role=tab], button)')?.focus();
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const isTyping = (event.target as Element).closest('input, textarea, select, [role=menu]') !== null;
    if (isTyping) return;
    switch (event.key) {
      case '/':
        this.querySelector<FilterField>('mcpw-filter')?.focus();
        break;
      case 'f':
        this.#model.setFollow(!this.#model.follow);
        break;
      case 'p':
        this.#model.togglePause();
        break;
      case 'r':
        this.#replay();
        break;
      case 'Escape':
        if (this.#model.selection.size > 0) {
          this.#model.selection.clear();
          break;
        }
        this.#model.closeDetail();
        this.#focusList();
        break;
      default:
        return;
    }
    event.preventDefault();
  };
}

/** Whether the page shows a trace file. */
function isReadOnly(): boolean {
  return document.body.dataset['readOnly'] === 'true';
}
