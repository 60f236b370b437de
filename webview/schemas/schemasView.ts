import { html, LitElement, type TemplateResult } from 'lit';
import type { SchemaModel } from './schemasModel';

/** Not built yet. */
export class SchemaView extends LitElement {
  model!: SchemaModel;

  override connectedCallback(): void {
    super.connectedCallback();
    this.model.watch();
  }

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<div class="empty-state"><p></p></div>`;
  }
}
