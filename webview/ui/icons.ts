import { html, type TemplateResult } from 'lit';
import codiconFont from '@vscode/codicons/dist/codicon.ttf';
import { codicons, type IconName } from './codicons';

/** Loads the icon font that is bundled beside the script. */
export function loadIconFont(): void {
  document.fonts.add(new FontFace('codicon', `url("${codiconFont}") format("truetype")`, { display: 'block' }));
}

/** An icon that only decorates: what it says must also be said in words. */
export function icon(name: IconName, tone?: string): TemplateResult {
  return html`<span class=${tone === undefined ? 'icon' : `icon ${tone}`} aria-hidden="true">${codicons[name]}</span>`;
}
