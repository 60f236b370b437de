import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { isRecord } from '../../src/core/json';
import type { ItemFinding, SchemaServer } from '../../src/protocol/schemas';
import type { Finding } from '../../src/traffic/finding';
import { severities } from '../detail/checks';
import type { JsonTree } from '../detail/jsonTree';
import { count, counted, shown, tokenCount } from '../format';
import { badge, iconButton, progressRing, textButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { changeTableTemplate } from './changeTable';
import { effectWords, resourceFacts, takenSchema } from './itemFacts';
import { kindLook } from './kindLook';
import type { SchemaTab } from './savedSchemas';
import type { SchemaModel, ShownItem } from './schemasModel';
import { serverPageTemplate } from './serverPage';

const tabNames: Readonly<Record<SchemaTab, string>> = {
  schema: 'Schema',
  output: 'Output',
  raw: 'Raw',
  changes: 'Changes',
};

/** Characters of a description, and findings, shown before the rest is asked for. */
const foldedChars = 1200;
const foldedFindings = 4;
/** Longest text shown of an item that is too long to be taken apart. */
const maxRawChars = 200_000;

/** An item with what is derived from it once. */
interface Parsed {
  message: ShownItem;
  item: Record<string, unknown>;
  /** What the table shows: the schema of the input, or what a prompt or template takes. */
  input: { schema: unknown; path: string } | undefined;
  output: { schema: unknown; path: string } | undefined;
  /** As the tree of the raw JSON takes them. */
  marks: readonly Finding[];
}

/** Everything about the selected item or server. */
export class SchemaDetail extends LitElement {
  model!: SchemaModel;
  /** Whether there is a list to go back to. */
  hasBack = false;
  #stop: (() => void) | undefined;
  #parsed: Parsed | undefined;
  #isUnfolded = false;
  #hasAllFindings = false;
  #awaitsFocus = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.model.onChange(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  /** Puts the keyboard on the tabs, or on the first thing that can be done, as soon as there is one. */
  focusFirst(): void {
    const { selected, shown: item, isGone } = this.model;
    this.#awaitsFocus = selected?.id !== undefined && !item && !isGone;
    if (this.#awaitsFocus) return;
    const places = ['[role=tab][aria-selected=true]', '.schema-actions vscode-button', '.title vscode-button'];
    for (const place of places) {
      const found = this.querySelector<HTMLElement>(place);
      if (!found) continue;
      found.focus();
      return;
    }
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(): void {
    if (this.#awaitsFocus) this.focusFirst();
    const { target } = this.model;
    const tree = target === undefined ? null : this.querySelector<JsonTree>('#schema-raw');
    if (target === undefined || !tree) return;
    this.model.reachTarget();
    void tree.reveal(target);
  }

  protected override render(): TemplateResult {
    const { selected, selectedServer, shown: item, isGone } = this.model;
    if (!selected || !selectedServer)
      return this.#frame('Nothing selected', html`<p class="quiet empty">Select a server or one of its tools.</p>`);
    if (selected.id === undefined) {
      return this.#frame(shown(selectedServer.label), serverPageTemplate(this.model, selectedServer), icon('server'));
    }
    if (isGone) {
      return this.#frame(shown(selected.id), html`<p class="quiet empty">The server no longer offers this.</p>`);
    }
    if (!item) return this.#frame(shown(selected.id), html`<div class="empty">${progressRing('Loading')}</div>`);
    return this.#item(this.#read(item), selectedServer);
  }

  #frame(
    title: string,
    body: TemplateResult,
    sign: TemplateResult | typeof nothing = nothing,
    actions: TemplateResult | typeof nothing = nothing,
  ): TemplateResult {
    return html`<section class="schema-detail" aria-label="Selected item">
      <div class="title">
        ${
          this.hasBack
            ? iconButton({
                icon: 'arrow-left',
                label: 'Back to the list (Esc)',
                onClick: () => this.dispatchEvent(new CustomEvent('back', { bubbles: true })),
              })
            : nothing
        }
        ${sign}
        <h2 class="grow" title=${title}>${title}</h2>
        ${actions}
      </div>
      <div class="schema-scroll">${body}</div>
    </section>`;
  }

  #item(parsed: Parsed, server: SchemaServer): TemplateResult {
    const { message, item } = parsed;
    const { kind, name, change } = message;
    const { openTryIt } = this.model;
    const title = titleOf(item);
    const tabs = tabsOf(parsed);
    const selected = tabs.find((tab) => tab === this.model.tab) ?? tabs[0] ?? 'raw';
    const canTry = openTryIt !== undefined && server.state !== 'recorded' && change !== 'removed';
    const actions = html`<span class="schema-buttons">
      ${canTry ? textButton('Try it', () => openTryIt(server.key, kind, name)) : nothing}
      ${textButton('Show calls', () => this.model.showCalls(message, server))}
    </span>`;
    const body = html`<div class="schema-body">
        ${this.#facts(parsed, server, title !== undefined)} ${this.#description(item)}
        ${this.#findings(message.findings)}
      </div>
      <div class="tabs" role="tablist" aria-label="Parts of the item" @keydown=${this.#onTabKey}>
        ${tabs.map((tab) => this.#tab(tab, tab === selected, message))}
      </div>
      <div
        class="schema-panel"
        role="tabpanel"
        id="schema-panel-${selected}"
        aria-labelledby="schema-tab-${selected}"
        tabindex=${selected === 'changes' ? 0 : nothing}
      >
        ${this.#panel(selected, parsed, server)}
      </div>`;
    return this.#frame(shown(title ?? (name === '' ? '(no name)' : name)), body, icon(kindLook[kind].icon), actions);
  }

  #facts({ message, item }: Parsed, server: SchemaServer, hasTitle: boolean): TemplateResult {
    const { kind, name, tokens, change } = message;
    const effects = kind === 'tools' ? effectWords(item['annotations']) : [];
    const facts = resourceFacts(kind, item);
    return html`<p class="schema-meta">
        ${hasTitle ? html`<code title=${shown(name)}>${shown(name)}</code>` : nothing}
        <span>${kindLook[kind].one} of ${shown(server.label)}</span>
        <span title="What its definition costs a model, estimated">${tokenCount(tokens)} tokens</span>
        ${change ? html`<span class="change-word">${changeSentence[change]}</span>` : nothing}
      </p>
      ${
        effects.length === 0
          ? nothing
          : html`<ul class="schema-effects" aria-label="What it says of its effects">
              ${effects.map(
                ({ word, isGrave }) =>
                  html`<li class=${isGrave ? 'grave' : ''}>${isGrave ? icon('warning') : nothing}${word}</li>`,
              )}
            </ul>`
      }
      ${
        facts.length === 0
          ? nothing
          : html`<dl class="schema-facts">
              ${facts.map(
                ([label, value]) =>
                  html`<div class="fact">
                    <dt>${label}</dt>
                    <dd>${shown(value)}</dd>
                  </div>`,
              )}
            </dl>`
      }`;
  }

  #description({ description }: Record<string, unknown>): TemplateResult | typeof nothing {
    if (typeof description !== 'string' || description === '') return nothing;
    const isFolded = description.length > foldedChars && !this.#isUnfolded;
    return html`<p>
      <span class="schema-text">${shown(isFolded ? description.slice(0, foldedChars) : description)}</span>${
        isFolded
          ? html`…
              <button
                class="link-button"
                @click=${() => {
                  this.#isUnfolded = true;
                  this.requestUpdate();
                }}
              >
                ${count(description.length - foldedChars)} more characters
              </button>`
          : nothing
      }
    </p>`;
  }

  #findings(findings: readonly ItemFinding[]): TemplateResult | typeof nothing {
    if (findings.length === 0) return nothing;
    const order: Finding['severity'][] = ['error', 'warning', 'info'];
    const sorted = [...findings].sort((left, right) => order.indexOf(left.severity) - order.indexOf(right.severity));
    // Advice stands in the table, too.
    const grave = sorted.filter(({ severity }) => severity !== 'info');
    const listed = this.#hasAllFindings ? sorted : grave.slice(0, foldedFindings);
    return html`${
      listed.length === 0
        ? nothing
        : html`<ul class="checks" aria-label="Findings">
            ${listed.map(({ severity, text, path }) => {
              const look = severities[severity];
              return html`<li class="check">
                <span class=${look.tone}>${icon(look.icon)}<span class="unseen">${look.word}</span></span>
                <div class="check-text">
                  ${shown(text)}
                  ${
                    path === undefined
                      ? nothing
                      : html`<button class="link-button" @click=${() => this.model.showPlace(path)}>
                          ${shown(path)}
                        </button>`
                  }
                </div>
              </li>`;
            })}
          </ul>`
    }
    ${
      listed.length < sorted.length
        ? html`<button
            class="link-button more-findings"
            @click=${() => {
              this.#hasAllFindings = true;
              this.requestUpdate();
            }}
          >
            ${counted(sorted.length - listed.length, listed.length === 0 ? 'note' : 'more finding')}
          </button>`
        : nothing
    }`;
  }

  #tab(tab: SchemaTab, isSelected: boolean, { changed }: ShownItem): TemplateResult {
    return html`<button
      class="tab"
      role="tab"
      id="schema-tab-${tab}"
      aria-selected=${String(isSelected)}
      aria-controls=${isSelected ? `schema-panel-${tab}` : nothing}
      tabindex=${isSelected ? 0 : -1}
      @click=${() => this.model.setTab(tab)}
    >
      ${tabNames[tab]}${tab === 'changes' && changed.length > 0 ? badge(changed.length) : nothing}
    </button>`;
  }

  #panel(tab: SchemaTab, parsed: Parsed, server: SchemaServer): TemplateResult {
    const { message, input, output } = parsed;
    switch (tab) {
      case 'schema':
        return this.#table('schema-input', inputLabel[message.kind], input, message);
      case 'output':
        return this.#table('schema-output', 'What it returns', output, message);
      case 'raw':
        return this.#raw(parsed);
      case 'changes':
        return this.#changes(message, server);
    }
  }

  #table(id: string, label: string, source: Parsed['input'], { findings }: ShownItem): TemplateResult {
    return html`<mcpw-schema-table
      id=${id}
      .label=${label}
      .onCopy=${(text: string) => this.model.copy(text)}
      .findings=${findings}
      .source=${source ?? { schema: {}, path: '' }}
    ></mcpw-schema-table>`;
  }

  #raw({ message, marks }: Parsed): TemplateResult {
    const { text, omittedChars, before } = message;
    const json = text === '' ? (before ?? '') : text;
    const bar = html`<div class="schema-bar">
      <span class="quiet grow">${counted(json.length + (omittedChars ?? 0), 'character')}</span>
      ${iconButton({ icon: 'copy', label: 'Copy the JSON', onClick: () => this.model.copy(indented(json)) })}
    </div>`;
    if (omittedChars !== undefined) {
      return html`${bar}
        <p class="quiet empty">This is too long to be taken apart. Its beginning:</p>
        <pre class="raw" tabindex="0" aria-label="Raw JSON">${shown(json.slice(0, maxRawChars))}</pre>`;
    }
    return html`${bar}<mcpw-json-tree
        id="schema-raw"
        .label=${'Raw JSON'}
        .onCopy=${(value: string) => this.model.copy(value)}
        .onCopyAll=${() => this.model.copy(json)}
        .findings=${marks}
        .text=${json}
      ></mcpw-json-tree>`;
  }

  #changes({ before, text, changed, change, server: key }: ShownItem, server: SchemaServer): TemplateResult {
    const accept = server.canAccept
      ? html`<p class="schema-actions">
          ${textButton('I have seen this', () => this.model.accept(key))}
          <span class="quiet"
            >${server.changes === 1 ? '' : `all ${counted(server.changes, 'change')} of ${shown(server.label)}`}</span
          >
        </p>`
      : nothing;
    const sum =
      change === 'changed'
        ? `${changed.map((name) => memberWords[name] ?? shown(name)).join(', ')} changed.`
        : change === undefined
          ? ''
          : changeSentence[change];
    return html`<div class="schema-changes">
        <p>${sum.slice(0, 1).toUpperCase() + sum.slice(1)}</p>
        ${accept}
      </div>
      ${change === 'added' ? nothing : changeTableTemplate(before ?? '', text)}`;
  }

  /** Takes an item apart, once for each message about it. */
  #read(message: ShownItem): Parsed {
    if (this.#parsed?.message === message) return this.#parsed;
    const isOther = this.#parsed?.message.id !== message.id || this.#parsed.message.server !== message.server;
    if (isOther) {
      this.#isUnfolded = false;
      this.#hasAllFindings = false;
    }
    const item = parse(message);
    const { inputSchema, outputSchema } = item;
    const taken = takenSchema(message.kind, item);
    const kept = this.#parsed;
    const isSame = kept !== undefined && kept.message.text === message.text && !isOther;
    this.#parsed = {
      message,
      item,
      // The same as before keeps what is unfolded in the tables.
      input: isSame
        ? kept.input
        : taken
          ? { schema: taken, path: '' }
          : inputSchema === undefined
            ? undefined
            : { schema: inputSchema, path: 'inputSchema' },
      output: isSame
        ? kept.output
        : outputSchema === undefined
          ? undefined
          : { schema: outputSchema, path: 'outputSchema' },
      marks: message.findings.map((finding) => ({ ...finding, check: 'schema', message: 'response' })),
    };
    return this.#parsed;
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const tabs = [...this.querySelectorAll<HTMLElement>('[role=tab]')];
    const current = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0 && event.key !== 'Home' && event.key !== 'End') return;
    const next =
      event.key === 'Home' ? 0 : event.key === 'End' ? tabs.length - 1 : (current + step + tabs.length) % tabs.length;
    event.preventDefault();
    event.stopPropagation();
    tabs[next]?.click();
    void this.updateComplete.then(() => this.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus());
  };
}

const changeSentence = {
  added: 'new since you looked',
  changed: 'changed since you looked',
  removed: 'no longer offered',
} as const;

const inputLabel: Readonly<Record<ShownItem['kind'], string>> = {
  tools: 'What it takes',
  prompts: 'Arguments',
  resources: 'What it takes',
  resourceTemplates: 'Variables',
};

/** Members of items as people call them. */
const memberWords: Readonly<Record<string, string>> = {
  title: 'title',
  description: 'description',
  inputSchema: 'input schema',
  outputSchema: 'output schema',
};

function tabsOf({ message, input, output }: Parsed): SchemaTab[] {
  const tabs: SchemaTab[] = [];
  if (input) tabs.push('schema');
  if (output) tabs.push('output');
  tabs.push('raw');
  if (message.change) tabs.push('changes');
  return tabs;
}

function parse({ text, before, omittedChars }: ShownItem): Record<string, unknown> {
  if (omittedChars !== undefined) return {};
  try {
    const item: unknown = JSON.parse(text === '' ? (before ?? '') : text);
    return isRecord(item) ? item : {};
  } catch {
    return {};
  }
}

function titleOf({ title, annotations, name, uri, uriTemplate }: Record<string, unknown>): string | undefined {
  if (typeof title === 'string' && title !== '') return title;
  if (isRecord(annotations) && typeof annotations['title'] === 'string') return annotations['title'];
  return (uri ?? uriTemplate) !== undefined && typeof name === 'string' && name !== '' ? name : undefined;
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}
