import { nothing, svg, html, type TemplateResult } from 'lit';

const width = 96;
const height = 16;

/** Calls over time as bars, the failed part of each in the colour of errors; said in words beside it. */
export function sparklineTemplate({ calls, errors }: { calls: number[]; errors: number[] }): TemplateResult {
  const most = Math.max(...calls, 1);
  const step = width / Math.max(1, calls.length);
  const bars = (values: readonly number[]): string =>
    values
      .map((value, part) => {
        if (value === 0) return '';
        // At least a pixel, so that one call among thousands is still seen.
        const tall = Math.max(1, (value / most) * height);
        return `M${(part * step).toFixed(1)} ${height}v-${tall.toFixed(1)}h${Math.max(1, step - 1).toFixed(1)}v${tall.toFixed(1)}z`;
      })
      .join('');
  const failed = bars(errors);
  return html`<svg class="sparkline" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
    ${svg`<path class="calls" d=${bars(calls)}></path>`}${failed === '' ? nothing : svg`<path class="errors" d=${failed}></path>`}
  </svg>`;
}
