import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { Finding } from '../../src/traffic/finding';
import { count, counted, shown, size } from '../format';
import { marked } from '../marked';
import { movedByKey } from '../movedByKey';
import { iconButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { severities } from './checks';
import {
  childrenStep,
  expandToFit,
  findNodes,
  JsonNode,
  nodeAt,
  openUpTo,
  preview,
  treeLines,
  unfoldStep,
  type TreeLine,
} from './jsonNode';
import { markdownTemplate } from './markdown';
import { pictureName } from './textForms';

const firstLines = 60;
/** Lines drawn at once; a tree that was opened further is drawn as far as this. */
const maxDrawnLines = 3000;
const maxIndent = 24;

/** A string of several lines stays on its own line of the tree; copying gives it as it is. */
function oneLine(text: string): string {
  return text.replaceAll(/\r?\n/g, '↵').replaceAll('\t', '→');
}

/** A JSON text as a tree that is opened step by step. */
export class JsonTree extends LitElement {
  /** What the tree is called by those who hear it. */
  label = '';
  onCopy: (text: string) => void = () => undefined;
  /** Copies the whole message, for values that cannot be copied alone. */
  onCopyAll: () => void = () => undefined;
  #marks: readonly string[] = [];
  #findings = new Map<string, Finding>();
  #givenFindings: readonly Finding[] = [];
  #find: { text: string; found: readonly JsonNode[]; at: number } | undefined;
  #text: string | undefined;
  #root: JsonNode | undefined;
  #lines: TreeLine[] = [];
  #active = 0;

  /** The JSON text. The same text again keeps what is opened. */
  set text(text: string) {
    if (text === this.#text) return;
    this.#text = text;
    this.#active = 0;
    this.#find = undefined;
    try {
      this.#root = new JsonNode(JSON.parse(text) as unknown);
      expandToFit(this.#root, firstLines);
    } catch {
      this.#root = undefined;
    }
    this.#relist();
  }

  get text(): string {
    return this.#text ?? '';
  }

  /** What a filter looks for, to be marked. */
  set marks(marks: readonly string[]) {
    const lower = marks.map((mark) => mark.toLowerCase());
    if (lower.join('\n') === this.#marks.join('\n')) return;
    this.#marks = lower;
    this.requestUpdate();
  }

  /** What checks found in this message; marked at the values that it is about. */
  set findings(findings: readonly Finding[]) {
    if (findings === this.#givenFindings) return;
    this.#givenFindings = findings;
    this.#findings = new Map();
    for (const finding of findings) {
      const { path, severity } = finding;
      const known = path === undefined ? undefined : this.#findings.get(path);
      if (path !== undefined && (!known || (known.severity !== 'error' && severity === 'error'))) {
        this.#findings.set(path, finding);
      }
    }
    this.requestUpdate();
  }

  /** Opens what is above the value at a path, and goes there with the keyboard. */
  async reveal(path: string): Promise<void> {
    const node = this.#root && nodeAt(this.#root, path);
    if (node) this.#goTo(node);
    await this.updateComplete;
    this.querySelector<HTMLElement>('.tree')?.focus();
  }

  /** Shows the field that searches in this message. */
  openFind(): void {
    this.#find ??= { text: '', found: [], at: -1 };
    this.requestUpdate();
    void this.#focusFind();
  }

  async #focusFind(): Promise<void> {
    await this.updateComplete;
    this.querySelector<HTMLInputElement>('.find input')?.select();
  }

  #closeFind(): void {
    this.#find = undefined;
    this.requestUpdate();
    this.querySelector<HTMLElement>('.tree')?.focus();
  }

  #findText(text: string): void {
    const found = this.#root ? findNodes(this.#root, text) : [];
    this.#find = { text, found, at: -1 };
    this.#findNext(1);
    this.requestUpdate();
  }

  #findNext(step: number): void {
    const find = this.#find;
    if (!find || find.found.length === 0) return;
    find.at = (find.at + step + find.found.length) % find.found.length;
    const node = find.found[find.at];
    if (node) this.#goTo(node);
  }

  #goTo(node: JsonNode): void {
    openUpTo(node);
    this.#relist();
    let index = this.#indexOf(node);
    if (index >= maxDrawnLines && this.#root) {
      // Too much is open for its line to be drawn.
      for (const line of treeLines(this.#root)) line.node.isExpanded = false;
      openUpTo(node);
      this.#relist();
      index = this.#indexOf(node);
    }
    this.#activate(index);
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    if (!this.#root) {
      return html`<pre class="raw" tabindex="0" aria-label=${this.label}>${shown(this.text)}</pre>`;
    }
    const left = this.#lines.length - maxDrawnLines;
    return html`${this.#findTemplate()}
      <div
        class="tree"
        role="tree"
        tabindex="0"
        aria-label=${this.label}
        aria-activedescendant=${`${this.id}-line-${this.#active}`}
        @keydown=${this.#onKey}
        @click=${this.#onClick}
      >
        ${this.#lines.slice(0, maxDrawnLines).map((line, index) => this.#line(line, index))}
      </div>
      ${left > 0 ? html`<p class="quiet">${count(left)} more lines are not drawn. Close some of the values above.</p>` : nothing}`;
  }

  #findTemplate(): TemplateResult | typeof nothing {
    const find = this.#find;
    if (!find) return nothing;
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Enter') this.#findNext(event.shiftKey ? -1 : 1);
      else if (event.key === 'Escape') this.#closeFind();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    const sum =
      find.text === ''
        ? ''
        : find.found.length === 0
          ? 'Nothing found'
          : `${find.at + 1} of ${count(find.found.length)}`;
    return html`<div class="find" role="search">
      <input
        type="text"
        aria-label="Find in this message"
        placeholder="Find"
        maxlength="500"
        spellcheck="false"
        .value=${find.text}
        @input=${(event: Event) => this.#findText((event.target as HTMLInputElement).value)}
        @keydown=${press}
      />
      <span class="quiet" role="status">${sum}</span>
      ${iconButton({ icon: 'arrow-up', label: 'Previous (Shift+Enter)', onClick: () => this.#findNext(-1) })}
      ${iconButton({ icon: 'arrow-down', label: 'Next (Enter)', onClick: () => this.#findNext(1) })}
      ${iconButton({ icon: 'close', label: 'Close (Esc)', onClick: () => this.#closeFind() })}
    </div>`;
  }

  #line(line: TreeLine, index: number): TemplateResult {
    const { node } = line;
    // The message itself has no line, so its members are the first level.
    const depth = (line.kind === 'more' ? node.depth + 1 : node.depth) - (this.#hidesRoot ? 1 : 0);
    const isActive = index === this.#active;
    const isOpen = line.kind === 'node' && node.isExpandable ? String(node.isExpanded) : nothing;
    return html`<div
      role="treeitem"
      id="${this.id}-line-${index}"
      data-index=${index}
      aria-level=${depth + 1}
      aria-expanded=${isOpen}
      aria-selected=${String(isActive)}
      .style=${`--depth:${Math.min(depth, maxIndent)}`}
    >
      <div class=${isActive ? 'line active' : 'line'}>
        ${line.kind === 'more' ? this.#more(line.left) : this.#node(node, isActive)}
      </div>
      ${line.kind === 'node' && node.isShownAsForm ? this.#block(node) : nothing}
    </div>`;
  }

  #more(left: number): TemplateResult {
    return html`<span class="twistie"></span
      ><span class="link">${`show ${count(Math.min(left, childrenStep))} of ${count(left)} more`}</span>`;
  }

  /** A string as what it is, below its line. */
  #block({ value, form }: JsonNode): TemplateResult | typeof nothing {
    if (typeof value !== 'string' || !form) return nothing;
    let content: TemplateResult;
    if (form.kind === 'picture') {
      content = html`<img src=${form.address} alt="Picture in the message" decoding="async" />`;
    } else if (form.kind === 'markdown') content = markdownTemplate(value);
    else content = html`<pre class="plain">${marked(value, this.#sought)}</pre>`;
    return html`<div class="block">${content}</div>`;
  }

  /** What is marked: what the field searches for, or else what the filter does. */
  get #sought(): readonly string[] {
    const text = this.#find?.text.toLowerCase() ?? '';
    return text === '' ? this.#marks : [text];
  }

  #node(node: JsonNode, isActive: boolean): TemplateResult {
    return html`<span class="twistie"
        >${node.isExpandable ? icon(node.isExpanded ? 'chevron-down' : 'chevron-right') : nothing}</span
      ><span class="content"
        >${node.key === undefined ? nothing : html`<span class="key">${marked(String(node.key), this.#sought)}</span><span class="colon">: </span>`}${this.#value(node)}</span
      >${this.#finding(node)}${
        isActive
          ? html`<span class="actions"
              >${iconButton({ icon: 'copy', label: 'Copy value (c)', tabIndex: -1, onClick: () => this.#copy(node) })}${
                node.parent
                  ? iconButton({
                      icon: 'symbol-key',
                      label: 'Copy path (Shift+C)',
                      tabIndex: -1,
                      onClick: () => this.onCopy(node.path),
                    })
                  : nothing
              }</span
            >`
          : nothing
      }`;
  }

  #finding(node: JsonNode): TemplateResult | typeof nothing {
    const finding = this.#findings.size === 0 ? undefined : this.#findings.get(node.path);
    if (!finding) return nothing;
    const look = severities[finding.severity];
    return html`<span class=${`finding ${look.tone}`}>${icon(look.icon)}${shown(finding.text)}</span>`;
  }

  #value(node: JsonNode): TemplateResult {
    const { value } = node;
    if (typeof value === 'string') {
      if (node.isEmbedded) {
        return html`<span class="quiet">JSON text </span>${this.#container(node)}`;
      }
      const isFolded = value.length > node.shownChars;
      const part = isFolded ? value.slice(0, node.shownChars) : value;
      const form = this.#formLink(node);
      return html`${form}<span class="string">"${marked(oneLine(part), this.#sought)}${isFolded ? '' : '"'}</span>${
          isFolded
            ? html`<span class="link" data-unfold>… ${counted(value.length - node.shownChars, 'more character')}</span>`
            : nothing
        }`;
    }
    if (typeof value === 'object' && value !== null) return this.#container(node);
    return html`<span class=${value === null ? 'null' : typeof value}>${String(value)}</span>`;
  }

  #formLink({ form, isShownAsForm, value }: JsonNode): TemplateResult | typeof nothing {
    if (!form) return nothing;
    let what: string;
    if (form.kind === 'picture') {
      what = `${pictureName(form.mimeType)} picture, ${size(Math.floor((String(value).length * 3) / 4))}`;
    } else what = form.kind === 'markdown' ? 'as Markdown' : 'as text';
    return html` <span class="link form-link" data-form>${isShownAsForm ? 'hide' : `show ${what}`}</span>`;
  }

  #container(node: JsonNode): TemplateResult {
    const isArray = Array.isArray(node.content);
    if (!node.isExpanded || !node.isExpandable) return html`<span class="preview">${shown(preview(node))}</span>`;
    return html`<span class="quiet">${counted(node.childCount, isArray ? 'item' : 'member')}</span>`;
  }

  get #hidesRoot(): boolean {
    return this.#root?.isExpandable === true;
  }

  #relist(): void {
    const lines = this.#root ? treeLines(this.#root) : [];
    this.#lines = this.#hidesRoot ? lines.slice(1) : lines;
    this.#active = Math.min(this.#active, Math.max(0, this.#lines.length - 1));
    this.requestUpdate();
  }

  #activate(index: number): void {
    this.#active = Math.max(0, Math.min(index, this.#lines.length - 1, maxDrawnLines - 1));
    this.requestUpdate();
    void this.updateComplete.then(() => this.querySelector('.line.active')?.scrollIntoView({ block: 'nearest' }));
  }

  #toggle(line: TreeLine): void {
    const { node } = line;
    if (line.kind === 'more') node.shownChildren += childrenStep;
    else if (node.isExpandable) node.isExpanded = !node.isExpanded;
    else if (typeof node.value === 'string' && node.value.length > node.shownChars) node.shownChars += unfoldStep;
    else return;
    this.#relist();
  }

  #toggleForm(node: JsonNode): void {
    if (!node.form) return;
    node.isShownAsForm = !node.isShownAsForm;
    this.requestUpdate();
  }

  #copy(node: JsonNode): void {
    const text = node.copyText;
    if (text === undefined) this.onCopyAll();
    else this.onCopy(text);
  }

  readonly #onClick = (event: Event): void => {
    const target = event.target as Element;
    const line = target.closest<HTMLElement>('[data-index]');
    const index = Number(line?.dataset['index']);
    const clicked = this.#lines[index];
    if (!line || !clicked || target.closest('.actions')) return;
    // Who selects text does not want the tree to move.
    if (window.getSelection()?.isCollapsed === false) return;
    if (target.closest('[data-form]')) {
      this.#toggleForm(clicked.node);
      this.#activate(index);
      return;
    }
    if (target.closest('.twistie, .link, .preview, .quiet') || (clicked.kind === 'node' && index === this.#active)) {
      this.#toggle(clicked);
    }
    this.#activate(index);
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const line = this.#lines[this.#active];
    if (!line || event.altKey || event.target !== event.currentTarget) return;
    if (event.key.toLowerCase() === 'f' && (event.ctrlKey || event.metaKey)) {
      this.openFind();
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const { node } = line;
    if (event.key.toLowerCase() === 'c' && window.getSelection()?.isCollapsed !== false) {
      if (event.shiftKey) this.onCopy(node.path);
      else this.#copy(node);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const moved = movedByKey(event.key, this.#active, this.#lines.length, 20);
    if (moved !== undefined) {
      this.#activate(moved);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    switch (event.key) {
      case 'ArrowRight':
        if (line.kind === 'node' && node.isExpandable && node.isExpanded) this.#activate(this.#active + 1);
        else this.#toggle(line);
        break;
      case 'ArrowLeft':
        if (line.kind === 'node' && node.isExpandable && node.isExpanded) this.#toggle(line);
        else this.#activate(this.#indexOf(line.kind === 'more' ? node : (node.parent ?? node)));
        break;
      case 'v':
        this.#toggleForm(node);
        break;
      case 'Enter':
      case ' ':
        this.#toggle(line);
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  #indexOf(node: JsonNode): number {
    const index = this.#lines.findIndex((line) => line.kind === 'node' && line.node === node);
    return index < 0 ? this.#active : index;
  }
}
