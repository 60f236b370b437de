import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { MessageDetail } from '../../src/protocol/inspector';
import type { WireSummary } from '../../src/traffic/wireRecord';
import { lookOf, nameOf } from '../describeRow';
import { count, duration, size, tokenCount } from '../format';
import type { InspectorModel, ShownDetail } from '../inspectorModel';
import { detailTabs, type DetailTab } from '../savedState';
import { badge, iconButton, progressRing, textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { awsTableTemplate } from './awsTable';
import { overviewTemplate } from './overview';

const tabNames: Readonly<Record<DetailTab, string>> = {
  overview: 'Overview',
  both: 'Both',
  request: 'Request',
  response: 'Response',
  aws: 'AWS',
  checks: 'Checks',
};

/** Everything about the selected exchange. */
export class DetailPane extends LitElement {
  model!: InspectorModel;
  #stop: (() => void) | undefined;
  #awaitsFocus = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  /** Puts the keyboard on the tabs, as soon as there are any. */
  focusTabs(): void {
    const tab = this.querySelector<HTMLElement>('[role=tab][aria-selected=true]');
    this.#awaitsFocus = !tab;
    tab?.focus();
  }

  protected override updated(): void {
    if (this.#awaitsFocus) this.focusTabs();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    const { detail, isGone } = this.model;
    const record = detail?.request?.summary ?? detail?.response?.summary;
    if (!detail || !record) {
      return html`<section class="detail" aria-label="Detail">
        <div class="title"><span class="grow"></span>${this.#closeButton()}</div>
        <div class="panel">
          ${
            isGone
              ? html`<p class="quiet empty">
                  This message is no longer kept: the memory for traffic was needed for newer ones.
                </p>`
              : html`<div class="empty">${progressRing('Loading')}</div>`
          }
        </div>
      </section>`;
    }
    const tabs = detailTabs.filter((tab) => hasTab(tab, detail, record));
    const selected = tabs.find((tab) => tab === this.model.tab) ?? 'overview';
    return html`<section class="detail" aria-label="Detail">
      ${this.#title(detail, record)}
      <div class="tabs" role="tablist" aria-label="Parts of the exchange" @keydown=${this.#onTabKey}>
        ${tabs.map((tab) => this.#tab(tab, tab === selected, record))}
      </div>
      <div
        class="panel"
        role="tabpanel"
        id="panel-${selected}"
        aria-labelledby="tab-${selected}"
        tabindex=${selected === 'overview' ? 0 : nothing}
      >
        ${this.#panel(selected, detail, record)}
      </div>
    </section>`;
  }

  #title({ response }: ShownDetail, record: WireSummary): TemplateResult {
    const look = lookOf(record);
    const { name, about } = nameOf(record);
    const facts = [
      record.durationMs === undefined ? undefined : duration(record.durationMs),
      response ? `${tokenCount(response.summary.tokens)} tokens` : undefined,
    ];
    return html`<div class="title">
      ${icon(look.icon, look.tone)}
      <h2 class="grow" title=${`${name} ${about}`.trim()}>${name}<span class="about">${about}</span></h2>
      <span class="quiet facts-line">${facts.filter(Boolean).join(' · ')}</span>
      ${this.#closeButton()}
    </div>`;
  }

  #closeButton(): TemplateResult {
    return iconButton({ icon: 'close', label: 'Close the detail (Esc)', onClick: () => this.model.closeDetail() });
  }

  #tab(tab: DetailTab, isSelected: boolean, record: WireSummary): TemplateResult {
    return html`<button
      class="tab"
      role="tab"
      id="tab-${tab}"
      aria-selected=${String(isSelected)}
      aria-controls=${isSelected ? `panel-${tab}` : nothing}
      tabindex=${isSelected ? 0 : -1}
      @click=${() => this.model.setTab(tab)}
    >
      ${tabNames[tab]}${tab === 'aws' ? badge(record.awsRequests?.length ?? 0) : nothing}
    </button>`;
  }

  #panel(tab: DetailTab, detail: ShownDetail, record: WireSummary): TemplateResult {
    if (tab === 'overview') return overviewTemplate(detail, record);
    if (tab === 'request') return this.#message(detail.request, 'request');
    if (tab === 'response') return this.#message(detail.response, 'response');
    return awsTableTemplate(record.awsRequests ?? [], (text) => this.model.copy(text));
  }

  #message(message: MessageDetail | undefined, kind: 'request' | 'response'): TemplateResult {
    if (!message) {
      const isPending = kind === 'response' && this.model.detail?.request?.summary.status === 'pending';
      return html`<p class="quiet empty">
        ${isPending ? 'No response yet.' : kind === 'response' ? 'There was no response.' : 'The request is no longer kept.'}
      </p>`;
    }
    const { summary, body, omittedChars } = message;
    return html`
      <div class="message-bar">
        <span class="quiet grow"
          >${size(summary.bytes)}, ${tokenCount(summary.tokens)} tokens${summary.isCut ? ', cut' : ''}</span
        >
        ${iconButton({ icon: 'copy', label: 'Copy the whole message', onClick: () => this.model.copyBody(summary.seq) })}
        ${iconButton({
          icon: 'go-to-file',
          label: 'Open the whole message in an editor',
          onClick: () => this.model.openBody(summary.seq),
        })}
      </div>
      ${
        omittedChars === undefined
          ? nothing
          : html`<div class="message-note">
              <span>Shown is the beginning; ${count(omittedChars)} characters follow.</span>
              ${textButton('Open the whole message', () => this.model.openBody(summary.seq))}
            </div>`
      }
      ${
        summary.isCut
          ? html`<div class="message-note">This message was longer than is recorded. What was left out is marked.</div>`
          : nothing
      }
      <mcpw-json-tree
        id="json-${kind}"
        .label=${kind === 'request' ? 'Request' : 'Response'}
        .onCopy=${(text: string) => this.model.copy(text)}
        .onCopyAll=${() => this.model.copyBody(summary.seq)}
        .text=${body}
      ></mcpw-json-tree>
    `;
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const tabs = [...this.querySelectorAll<HTMLElement>('[role=tab]')];
    const current = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
    const next =
      event.key === 'Home' ? 0 : event.key === 'End' ? tabs.length - 1 : (current + step + tabs.length) % tabs.length;
    if (step === 0 && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    event.stopPropagation();
    tabs[next]?.click();
    void this.updateComplete.then(() => this.focusTabs());
  };
}

function hasTab(tab: DetailTab, { request, response }: ShownDetail, record: WireSummary): boolean {
  if (tab === 'request') return request !== undefined;
  if (tab === 'response') return record.kind !== 'notification' && (response !== undefined || request !== undefined);
  if (tab === 'both' || tab === 'checks') return false;
  return tab === 'overview' || (record.awsRequests?.length ?? 0) > 0;
}
