import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { MessageDetail } from '../../src/protocol/inspector';
import type { Finding } from '../../src/traffic/finding';
import { whyNotReplayable } from '../../src/traffic/replay/replayable';
import type { WireSummary } from '../../src/traffic/wireRecord';
import { hexDump } from '../../src/traffic/hexDump';
import { lookOf, nameOf } from '../describeRow';
import { count, duration, shown, size, tokenCount } from '../format';
import type { InspectorModel, ShownDetail } from '../inspectorModel';
import type { ReplayModel } from '../replay/replayModel';
import { marked } from '../marked';
import { detailTabs, type DetailTab, type MessageForm } from '../savedState';
import { badge, iconButton, progressRing, textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { awsTableTemplate } from './awsTable';
import { checksTemplate, problemsOf } from './checks';
import type { JsonTree } from './jsonTree';
import { overviewTemplate } from './overview';

const formNames: Readonly<Record<MessageForm, string>> = {
  tree: 'Tree',
  raw: 'Raw',
  bytes: 'Bytes',
  sent: 'As sent',
  headers: 'Headers',
};

/** Longest part of a text that is shown as it is; it would take long to lay out. */
const maxRawChars = 200_000;

const tabNames: Readonly<Record<DetailTab, string>> = {
  overview: 'Overview',
  both: 'Both',
  request: 'Request',
  response: 'Response',
  aws: 'AWS',
  checks: 'Checks',
  replay: 'Replay',
};

const noFindings: readonly Finding[] = [];

/** Everything about the selected exchange. */
export class DetailPane extends LitElement {
  model!: InspectorModel;
  replay!: ReplayModel;
  #stop: (() => void) | undefined;
  #awaitsFocus = false;
  #split: Record<'findings' | Finding['message'], readonly Finding[]> = {
    findings: noFindings,
    request: noFindings,
    response: noFindings,
  };

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
    const { target } = this.model;
    const tree = target && this.querySelector<JsonTree>(`#json-${target.message}`);
    if (!target || !tree) return;
    this.model.reachTarget();
    void tree.reveal(target.path);
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
        class=${selected === 'both' ? 'panel both' : 'panel'}
        role="tabpanel"
        id="panel-${selected}"
        aria-labelledby="tab-${selected}"
        tabindex=${selected === 'overview' || selected === 'checks' ? 0 : nothing}
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
      ${tabNames[tab]}${this.#tabBadge(tab, record)}
    </button>`;
  }

  #tabBadge(tab: DetailTab, record: WireSummary): TemplateResult | typeof nothing {
    if (tab === 'aws') return badge(record.awsRequests?.length ?? 0);
    const problems = tab === 'checks' ? problemsOf(this.model.findings).length : 0;
    return problems > 0 ? badge(problems) : nothing;
  }

  #panel(tab: DetailTab, detail: ShownDetail, record: WireSummary): TemplateResult {
    if (tab === 'overview') return overviewTemplate(this.model, detail, record);
    if (tab === 'checks') return checksTemplate(this.model);
    if (tab === 'replay') {
      return html`<mcpw-replay-call .model=${this.replay} .seq=${record.seq}></mcpw-replay-call>`;
    }
    if (tab === 'both') {
      return html`<section class="message" aria-label="Request">${this.#message(detail.request, 'request')}</section>
        <section class="message" aria-label="Response">${this.#message(detail.response, 'response')}</section>`;
    }
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
    const { summary, omittedChars } = message;
    const forms = formsOf(message);
    const form = forms.find((known) => known === this.model.form) ?? 'tree';
    const title = kind === 'request' ? (summary.kind === 'notification' ? 'Notification' : 'Request') : 'Response';
    return html`
      <div class="message-bar">
        ${this.model.tab === 'both' ? html`<span class="message-title">${title}</span>` : nothing}
        <span class="quiet grow"
          >${size(summary.bytes)}, ${tokenCount(summary.tokens)} tokens${summary.isCut ? ', cut' : ''}</span
        >
        ${
          forms.length < 2
            ? nothing
            : html`<span class="forms" role="group" aria-label=${`Form of the ${kind}`}>
                ${forms.map(
                  (known) =>
                    html`<button
                      class="form"
                      aria-pressed=${String(known === form)}
                      @click=${() => this.model.setForm(known)}
                    >
                      ${formNames[known]}
                    </button>`,
                )}
              </span>`
        }
        ${
          form === 'tree'
            ? iconButton({
                icon: 'search',
                label: 'Find in this message (Ctrl+F)',
                onClick: () => this.querySelector<JsonTree>(`#json-${kind}`)?.openFind(),
              })
            : nothing
        }
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
      ${
        summary.isRaw
          ? html`<div class="message-note">
              ${message.body.startsWith('{') ? 'This message is no valid UTF-8; bytes that stand for no character are shown as �.' : 'These bytes are no message.'}
              ${forms.includes('bytes') && form !== 'bytes' ? textButton('Show the bytes', () => this.model.setForm('bytes')) : nothing}
            </div>`
          : nothing
      }
      ${
        summary.isChanged
          ? html`<div class="message-note">
              A filter changed this message on its way.
              ${forms.includes('sent') && form !== 'sent' ? textButton('Show what was sent', () => this.model.setForm('sent')) : nothing}
            </div>`
          : nothing
      }
      ${this.#formTemplate(form, message, kind, title)}
    `;
  }

  #formTemplate(
    form: MessageForm,
    message: MessageDetail,
    kind: 'request' | 'response',
    title: string,
  ): TemplateResult {
    const { summary, body, original, headers } = message;
    switch (form) {
      case 'raw':
        return this.#raw(body, `${title}, raw`, summary.seq);
      case 'bytes':
        return this.#bytes(message, title);
      case 'headers':
        return html`<dl class="facts headers">
          ${Object.entries(headers ?? {}).map(
            ([name, value]) =>
              html`<div class="fact">
                <dt>${shown(name)}</dt>
                <dd><code>${shown(value)}</code></dd>
              </div>`,
          )}
        </dl>`;
      case 'sent':
      case 'tree':
        break;
    }
    const isSent = form === 'sent';
    return html`<mcpw-json-tree
      id="json-${kind}"
      .label=${isSent ? `${title}, as sent` : title}
      .onCopy=${(text: string) => this.model.copy(text)}
      .onCopyAll=${() => this.model.copyBody(summary.seq)}
      .marks=${this.model.marks}
      .findings=${isSent ? noFindings : this.#findingsOf(kind)}
      .text=${isSent ? (original ?? body) : body}
    ></mcpw-json-tree>`;
  }

  #raw(text: string, label: string, seq: number): TemplateResult {
    const part = text.slice(0, maxRawChars);
    return html`<pre class="raw" tabindex="0" aria-label=${label}>
${marked(
          part,
          this.model.marks.map((mark) => mark.toLowerCase()),
        )}</pre>
      ${
        part.length < text.length
          ? html`<div class="message-note">
              <span>${count(text.length - part.length)} characters follow.</span>
              ${textButton('Open the whole message', () => this.model.openBody(seq))}
            </div>`
          : nothing
      }`;
  }

  #bytes({ raw = '', summary }: MessageDetail, title: string): TemplateResult {
    const bytes = Uint8Array.from(atob(raw), (character) => character.charCodeAt(0));
    return html`<pre class="raw bytes" tabindex="0" aria-label=${`${title}, bytes`}>${hexDump(bytes)}</pre>
      ${
        bytes.length < summary.bytes
          ? html`<div class="message-note">
              <span>Shown are the first ${size(bytes.length)} of ${size(summary.bytes)}.</span>
              ${textButton('Open all bytes that were kept', () => this.model.openBody(summary.seq, true))}
            </div>`
          : nothing
      }`;
  }

  /** The same list as long as it is the same, so that a tree need not look at it again. */
  #findingsOf(kind: Finding['message']): readonly Finding[] {
    const { findings } = this.model;
    if (findings !== this.#split.findings) {
      this.#split = {
        findings,
        request: findings.filter(({ message }) => message === 'request'),
        response: findings.filter(({ message }) => message === 'response'),
      };
    }
    return this.#split[kind];
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

/** The forms in which a message can be shown. */
function formsOf({ original, headers, raw }: MessageDetail): MessageForm[] {
  const forms: MessageForm[] = ['tree', 'raw'];
  if (raw !== undefined) forms.push('bytes');
  if (original !== undefined) forms.push('sent');
  if (headers !== undefined) forms.push('headers');
  return forms;
}

function hasTab(tab: DetailTab, { request, response }: ShownDetail, record: WireSummary): boolean {
  switch (tab) {
    case 'overview':
    case 'checks':
      return true;
    case 'replay':
      return request !== undefined && whyNotReplayable(request.summary) === undefined;
    case 'both':
      return request !== undefined && response !== undefined;
    case 'request':
      return request !== undefined;
    case 'response':
      return record.kind !== 'notification' && (response !== undefined || request !== undefined);
    case 'aws':
      break;
  }
  return (record.awsRequests?.length ?? 0) > 0;
}
