import { html, nothing, type TemplateResult } from 'lit';
import type { Finding } from '../../src/traffic/finding';
import { counted, shown } from '../format';
import type { InspectorModel } from '../inspectorModel';
import type { IconName } from '../ui/codicons';
import { textButton } from '../ui/controls';
import { icon } from '../ui/icons';

/** How serious a finding is, as icon, word and class. */
export const severities: Readonly<Record<Finding['severity'], { icon: IconName; word: string; tone: string }>> = {
  error: { icon: 'error', word: 'Error', tone: 'failed' },
  warning: { icon: 'warning', word: 'Warning', tone: 'warned' },
  info: { icon: 'info', word: 'Note', tone: 'muted' },
};

/** Those that say that something is wrong. */
export function problemsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity !== 'info');
}

/** What the checks found out about an exchange, the worst first, each leading to the place that it is about. */
export function checksTemplate(model: InspectorModel): TemplateResult {
  const { findings } = model;
  if (findings.length === 0) return html`<p class="quiet empty">Nothing here is against the protocol or a schema.</p>`;
  const order: Finding['severity'][] = ['error', 'warning', 'info'];
  const sorted = [...findings].sort((left, right) => order.indexOf(left.severity) - order.indexOf(right.severity));
  const wrong = problemsOf(findings).length;
  return html`<p class="checks-sum quiet">
      ${wrong === 0 ? 'Nothing is wrong.' : `${counted(wrong, 'problem')} found.`}
    </p>
    <ul class="checks">
      ${sorted.map((finding) => findingTemplate(finding, model))}
    </ul>`;
}

function findingTemplate(finding: Finding, model: InspectorModel): TemplateResult {
  const { severity, check, message, path, text, seq } = finding;
  const look = severities[severity];
  return html`<li class="check">
    <span class=${look.tone}>${icon(look.icon)}<span class="unseen">${look.word}</span></span>
    <div>
      <span class="check-text">${shown(text)}</span>
      <span class="check-place"
        >${check === 'schema' ? 'Schema' : 'Protocol'},
        ${message}${
          path === undefined
            ? nothing
            : html`: <button class="link-button" @click=${() => model.showFinding(finding)}>${shown(path)}</button>`
        }</span
      >
      ${seq === undefined ? nothing : textButton('Open that request', () => model.openRecord(seq))}
    </div>
  </li>`;
}
