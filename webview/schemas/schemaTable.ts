import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { ItemFinding } from '../../src/protocol/schemas';
import { severities } from '../detail/checks';
import { count, shown } from '../format';
import { movedByKey } from '../movedByKey';
import { icon } from '../ui/icons';
import { valueText } from './effectiveSchema';
import { childrenStep, schemaLines, SchemaNode, unfoldToFit, type SchemaLine } from './schemaNode';

/** Lines unfolded at first, and drawn at most. */
const firstLines = 60;
const maxDrawnLines = 2000;
const maxIndent = 16;
/** Values of an enum, and characters of a description, that are shown before the rest is only counted. */
const shownValues = 12;
const foldedChars = 600;

/** A JSON Schema as a table whose lines unfold. */
export class SchemaTable extends LitElement {
  /** What the table is called by those who hear it. */
  label = '';
  onCopy: (text: string) => void = () => undefined;
  #schema: unknown;
  #path = '';
  #root: SchemaNode | undefined;
  #lines: SchemaLine[] = [];
  #active = 0;
  #findings = new Map<string, ItemFinding[]>();
  readonly #unfoldedTexts = new Set<SchemaNode>();

  /** The schema and where it is in its item; the same one again keeps what is unfolded. */
  set source({ schema, path }: { schema: unknown; path: string }) {
    if (schema === this.#schema && path === this.#path) return;
    this.#schema = schema;
    this.#path = path;
    this.#root = SchemaNode.of(schema, path);
    this.#active = 0;
    this.#unfoldedTexts.clear();
    unfoldToFit(this.#root, firstLines);
    this.#relist();
  }

  /** What was found in the item; shown at the lines that it is about. */
  set findings(findings: readonly ItemFinding[]) {
    this.#findings = new Map();
    for (const finding of findings) {
      if (finding.path === undefined) continue;
      const known = this.#findings.get(finding.path);
      if (known) known.push(finding);
      else this.#findings.set(finding.path, [finding]);
    }
    this.requestUpdate();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    if (this.#lines.length === 0) {
      return html`<p class="quiet empty">
        ${this.#root?.type === 'object' ? 'It takes nothing.' : shown(this.#root?.type)}
      </p>`;
    }
    const left = this.#lines.length - maxDrawnLines;
    return html`<div
        class="schema-grid"
        role="treegrid"
        tabindex="0"
        aria-label=${this.label}
        aria-activedescendant=${`${this.id}-row-${this.#active}`}
        @keydown=${this.#onKey}
        @click=${this.#onClick}
      >
        <div class="schema-head" role="row">
          ${['Name', 'Type', 'Required', 'Default', 'Description'].map(
            (name) => html`<span role="columnheader" class="cell-${name.toLowerCase()}">${name}</span>`,
          )}
        </div>
        ${this.#lines.slice(0, maxDrawnLines).map((line, index) => this.#line(line, index))}
      </div>
      ${left > 0 ? html`<p class="quiet empty">${count(left)} more lines are not drawn. Fold some of those above.</p>` : nothing}`;
  }

  #line(line: SchemaLine, index: number): TemplateResult {
    const { node } = line;
    const depth = line.kind === 'more' ? node.depth + 1 : node.depth;
    const isOpen = line.kind === 'node' && node.isExpandable ? String(node.isExpanded) : nothing;
    return html`<div
      class=${index === this.#active ? 'schema-line active' : 'schema-line'}
      role="row"
      id="${this.id}-row-${index}"
      data-index=${index}
      aria-level=${depth + 1}
      aria-expanded=${isOpen}
      .style=${`--depth:${Math.min(depth, maxIndent)}`}
    >
      ${line.kind === 'more' ? this.#more(line.left) : this.#node(node)}
    </div>`;
  }

  #more(left: number): TemplateResult {
    return html`<span class="cell-more" role="gridcell" aria-colspan="5"
      ><span class="twistie"></span
      ><span class="link">show ${count(Math.min(left, childrenStep))} of ${count(left)} more</span></span
    >`;
  }

  #node(node: SchemaNode): TemplateResult {
    const { preset, isRequired, isRecursive } = node;
    return html`<span class="cell-name" role="gridcell"
        ><span class="twistie"
          >${node.isExpandable ? icon(node.isExpanded ? 'chevron-down' : 'chevron-right') : nothing}</span
        >${this.#name(node)}</span
      ><span class="cell-type" role="gridcell"
        >${shown(node.type)}${
          isRecursive
            ? html` <span class="quiet">again ${shown(node.refName)}</span>`
            : node.refName === undefined || node.type.includes(node.refName)
              ? nothing
              : html` <span class="quiet">${shown(node.refName)}</span>`
        }</span
      ><span class="cell-required" role="gridcell">${isRequired ? 'required' : nothing}</span
      ><span class=${preset === undefined ? 'cell-default none' : 'cell-default'} role="gridcell"
        >${preset === undefined ? nothing : html`<code>${shown(preset)}</code>`}</span
      ><span class="cell-description" role="gridcell">${this.#about(node)}</span>`;
  }

  #name(node: SchemaNode): TemplateResult {
    const { role, name, isDeprecated } = node;
    const text = shown(role === 'pattern' ? `/${name}/` : name);
    const isName = role === 'property' || role === 'pattern';
    return isName
      ? html`<code class=${isDeprecated ? 'name deprecated' : 'name'}>${text === '' ? '(empty)' : text}</code>`
      : html`<span class="name quiet">${role === 'variant' ? 'or ' : ''}${text}</span>`;
  }

  #about(node: SchemaNode): TemplateResult {
    const { values, constraints, isDeprecated } = node;
    const description =
      node.description ?? (node.role === 'property' || node.title === node.name ? undefined : node.title);
    const isFolded = (description?.length ?? 0) > foldedChars && !this.#unfoldedTexts.has(node);
    const all = isDeprecated ? ['deprecated', ...constraints] : constraints;
    return html`${
      description === undefined
        ? nothing
        : html`<span class="schema-text"
            >${shown(isFolded ? description.slice(0, foldedChars) : description)}${
              isFolded
                ? html`<span class="link" data-unfold
                    >… ${count(description.length - foldedChars)} more characters</span
                  >`
                : nothing
            }</span
          >`
    }${
      values === undefined
        ? nothing
        : html`<span class="schema-values"
            ><span class="quiet">${values.length === 1 ? 'only' : 'one of'}</span> ${values
              .slice(0, shownValues)
              .map((value) => html`<code>${shown(valueText(value))}</code> `)}${
              values.length > shownValues
                ? html`<span class="quiet">and ${count(values.length - shownValues)} more</span>`
                : nothing
            }</span
          >`
    }${all.length === 0 ? nothing : html`<span class="schema-values quiet">${shown(all.join(', '))}</span>`}${this.#notes(
      node,
    )}`;
  }

  #notes(node: SchemaNode): TemplateResult | typeof nothing {
    const findings = this.#findings.get(node.path);
    if (!findings) return nothing;
    return html`${findings.map(({ severity, text }) => {
      const look = severities[severity];
      return html`<span class="schema-note ${look.tone}"
        >${icon(look.icon)}<span class="unseen">${look.word}: </span>${shown(text)}</span
      >`;
    })}`;
  }

  #relist(): void {
    this.#lines = this.#root ? schemaLines(this.#root) : [];
    this.#active = Math.min(this.#active, Math.max(0, this.#lines.length - 1));
    this.requestUpdate();
  }

  #activate(index: number): void {
    this.#active = Math.max(0, Math.min(index, this.#lines.length - 1, maxDrawnLines - 1));
    this.requestUpdate();
    void this.updateComplete.then(() =>
      this.querySelector('.schema-line.active')?.scrollIntoView({ block: 'nearest' }),
    );
  }

  #toggle(line: SchemaLine): void {
    const { node } = line;
    if (line.kind === 'more') node.shownChildren += childrenStep;
    else if (node.isExpandable) node.isExpanded = !node.isExpanded;
    else if ((node.description?.length ?? 0) > foldedChars) this.#unfoldedTexts.add(node);
    else return;
    this.#relist();
  }

  readonly #onClick = (event: Event): void => {
    const target = event.target as Element;
    const index = Number(target.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? Number.NaN);
    const line = this.#lines[index];
    // Who selects text does not want the table to move.
    if (!line || window.getSelection()?.isCollapsed === false) return;
    if (target.closest('[data-unfold]')) {
      this.#unfoldedTexts.add(line.node);
      this.requestUpdate();
    } else if (line.kind === 'more' || target.closest('.cell-name')) this.#toggle(line);
    this.#activate(index);
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const line = this.#lines[this.#active];
    if (!line || event.altKey || event.target !== event.currentTarget) return;
    if (event.key.toLowerCase() === 'c' && window.getSelection()?.isCollapsed !== false) {
      this.onCopy(line.node.path);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const { node } = line;
    const isOpen = line.kind === 'node' && node.isExpandable && node.isExpanded;
    const moved = movedByKey(event.key, this.#active, this.#lines.length, 10);
    if (moved !== undefined) {
      this.#activate(moved);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    switch (event.key) {
      case 'ArrowRight':
        if (isOpen) this.#activate(this.#active + 1);
        else this.#toggle(line);
        break;
      case 'ArrowLeft':
        if (isOpen) this.#toggle(line);
        else
          this.#activate(this.#lines.findIndex((other) => other.node === (line.kind === 'more' ? node : node.parent)));
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
}
