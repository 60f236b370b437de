import { html, LitElement, type TemplateResult } from 'lit';
import type { ReplayModel } from './replayModel';

/** Not built yet. */
export class ReplayView extends LitElement {
  model!: ReplayModel;

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
