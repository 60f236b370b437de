import { html, LitElement, type TemplateResult } from 'lit';
import type { TryItModel } from './tryItModel';

/** Not built yet. */
export class TryItView extends LitElement {
  model!: TryItModel;

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
