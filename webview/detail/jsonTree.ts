import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { count, counted, shown } from '../format';
import { iconButton } from '../ui/controls';
import { icon } from '../ui/icons';
import { childrenStep, expandToFit, JsonNode, preview, treeLines, unfoldStep, type TreeLine } from './jsonNode';

const firstLines = 60;
/** Lines drawn at once; a tree that was opened further is drawn as far as this. */
const maxDrawnLines = 3000;
const maxIndent = 24;

/** A JSON text as a tree that is opened step by step. */
export class JsonTree extends LitElement {
  /** What the tree is called by those who hear it. */
  label = '';
  onCopy: (text: string) => void = () => undefined;
  /** Copies the whole message, for values that cannot be copied alone. */
  onCopyAll: () => void = () => undefined;
  #text: string | undefined;
  #root: JsonNode | undefined;
  #lines: TreeLine[] = [];
  #active = 0;

  /** The JSON text. The same text again keeps what is opened. */
  set text(text: string) {
    if (text === this.#text) return;
    this.#text = text;
    this.#active = 0;
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

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    if (!this.#root) {
      return html`<pre class="raw" tabindex="0" aria-label=${this.label}>${shown(this.text)}</pre>`;
    }
    const left = this.#lines.length - maxDrawnLines;
    return html`<div
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

  #line(line: TreeLine, index: number): TemplateResult {
    const { node } = line;
    // The message itself has no line, so its members are the first level.
    const depth = (line.kind === 'more' ? node.depth + 1 : node.depth) - (this.#hidesRoot ? 1 : 0);
    const isActive = index === this.#active;
    const isOpen = line.kind === 'node' && node.isExpandable ? String(node.isExpanded) : nothing;
    return html`<div
      class=${isActive ? 'line active' : 'line'}
      role="treeitem"
      id="${this.id}-line-${index}"
      data-index=${index}
      aria-level=${depth + 1}
      aria-expanded=${isOpen}
      aria-selected=${String(isActive)}
      .style=${`--depth:${Math.min(depth, maxIndent)}`}
    >
      ${line.kind === 'more' ? this.#more(line.left) : this.#node(node, isActive)}
    </div>`;
  }

  #more(left: number): TemplateResult {
    return html`<span class="twistie"></span
      ><span class="link">${`show ${count(Math.min(left, childrenStep))} of ${count(left)} more`}</span>`;
  }

  #node(node: JsonNode, isActive: boolean): TemplateResult {
    return html`<span class="twistie"
        >${node.isExpandable ? icon(node.isExpanded ? 'chevron-down' : 'chevron-right') : nothing}</span
      ><span class="content"
        >${node.key === undefined ? nothing : html`<span class="key">${shown(String(node.key))}</span><span class="colon">: </span>`}${this.#value(node)}</span
      >${
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

  #value(node: JsonNode): TemplateResult {
    const { value } = node;
    if (typeof value === 'string') {
      if (node.isEmbedded) {
        return html`<span class="quiet">JSON text </span>${this.#container(node)}`;
      }
      const isFolded = value.length > node.shownChars;
      const part = isFolded ? value.slice(0, node.shownChars) : value;
      return html`<span class="string">"${shown(part)}${isFolded ? '' : '"'}</span>${
          isFolded
            ? html`<span class="link" data-unfold>… ${counted(value.length - node.shownChars, 'more character')}</span>`
            : nothing
        }`;
    }
    if (typeof value === 'object' && value !== null) return this.#container(node);
    return html`<span class=${value === null ? 'null' : typeof value}>${String(value)}</span>`;
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
    if (target.closest('.twistie, .link, .preview, .quiet') || (clicked.kind === 'node' && index === this.#active)) {
      this.#toggle(clicked);
    }
    this.#activate(index);
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const line = this.#lines[this.#active];
    if (!line || event.altKey) return;
    const { node } = line;
    if (event.key.toLowerCase() === 'c' && window.getSelection()?.isCollapsed !== false) {
      if (event.shiftKey) this.onCopy(node.path);
      else this.#copy(node);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    switch (event.key) {
      case 'ArrowDown':
        this.#activate(this.#active + 1);
        break;
      case 'ArrowUp':
        this.#activate(this.#active - 1);
        break;
      case 'Home':
        this.#activate(0);
        break;
      case 'End':
        this.#activate(this.#lines.length - 1);
        break;
      case 'PageDown':
        this.#activate(this.#active + 20);
        break;
      case 'PageUp':
        this.#activate(this.#active - 20);
        break;
      case 'ArrowRight':
        if (line.kind === 'node' && node.isExpandable && node.isExpanded) this.#activate(this.#active + 1);
        else this.#toggle(line);
        break;
      case 'ArrowLeft':
        if (line.kind === 'node' && node.isExpandable && node.isExpanded) this.#toggle(line);
        else this.#activate(this.#indexOf(line.kind === 'more' ? node : (node.parent ?? node)));
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
