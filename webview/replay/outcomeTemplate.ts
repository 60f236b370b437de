import { html, nothing, type TemplateResult } from 'lit';
import type { ReplayOutcome, ReplayVerdict } from '../../src/protocol/replay';
import { counted, duration, shown } from '../format';
import type { IconName } from '../ui/codicons';
import { iconButton } from '../ui/controls';
import { icon } from '../ui/icons';
import type { DiffView } from './diffView';
import type { ReplayModel } from './replayModel';

/** How a verdict looks, and is said. */
export const verdictLooks: Readonly<
  Record<ReplayVerdict, { icon: IconName; tone: 'ok' | 'failed' | 'warned' | 'muted'; word: string }>
> = {
  same: { icon: 'check', tone: 'ok', word: 'Same result' },
  differs: { icon: 'warning', tone: 'warned', word: 'Different result' },
  failed: { icon: 'error', tone: 'failed', word: 'Failed' },
  done: { icon: 'check', tone: 'muted', word: 'Done' },
  cancelled: { icon: 'circle-slash', tone: 'muted', word: 'Cancelled' },
};

/** What a call came to: how it compares with the recording, how long it took, and the two results. */
export function outcomeTemplate(
  model: ReplayModel,
  outcome: ReplayOutcome,
  { run, step }: { run: string; step: string },
): TemplateResult {
  const { failure, seq, diff, cut, isRedacted, result } = outcome;
  const verdict = model.verdictOf(outcome);
  const look = verdictLooks[verdict];
  const frame = (event: Event): DiffView | null | undefined =>
    (event.currentTarget as Element).closest('.outcome')?.querySelector<DiffView>('mcpw-json-diff');
  return html`<section class="outcome" aria-label="Outcome">
    <p class="outcome-line" role="status">
      <span class=${look.tone}>${icon(look.icon)}</span>
      <strong>${look.word}</strong>
      <span class="quiet">${factsOf(outcome)}</span>
      ${
        seq === undefined || !model.canOpen
          ? nothing
          : html`<button class="link-button" @click=${() => model.openExchange(seq)}>Open the new exchange</button>`
      }
    </p>
    ${
      failure
        ? html`<p class="replay-problem" role="alert">${shown(failure.message)} ${shown(failure.remedy)}</p>`
        : nothing
    }
    ${
      cut
        ? html`<p class="replay-note">
            The ${cut.join(' and the ')} result ${cut.length > 1 ? 'are' : 'is'} longer than is recorded. What was left
            out is marked and not compared.
          </p>`
        : nothing
    }
    ${
      isRedacted
        ? html`<p class="replay-note">The results hold secrets. They are redacted on both sides, and not compared.</p>`
        : nothing
    }
    ${
      diff
        ? html`<div class="diff-bar">
              <span class="grow"
                >${differencesText(diff)}${
                  diff.ignorable === 0
                    ? nothing
                    : html`<label class="diff-option"
                        ><input
                          type="checkbox"
                          .checked=${model.ignoresVolatile}
                          @change=${(event: Event) =>
                            model.setIgnoresVolatile((event.target as HTMLInputElement).checked)}
                        />Ignore ${counted(diff.ignorable, 'id, time or duration', 'ids, times and durations')}</label
                      >`
                }</span
              >
              <span class="forms" role="group" aria-label="Form of the comparison">
                ${(['inline', 'sides'] as const).map(
                  (form) =>
                    html`<button
                      class="form"
                      aria-pressed=${String(form === model.diffForm)}
                      @click=${() => model.setDiffForm(form)}
                    >
                      ${form === 'inline' ? 'Inline' : 'Side by side'}
                    </button>`,
                )}
              </span>
              ${iconButton({ icon: 'arrow-up', label: 'Previous difference (Shift+F7)', onClick: (event) => frame(event)?.step(-1) })}
              ${iconButton({ icon: 'arrow-down', label: 'Next difference (F7)', onClick: (event) => frame(event)?.step(1) })}
              ${iconButton({ icon: 'go-to-file', label: 'Open both in the diff editor', onClick: () => model.compare(run, step) })}
            </div>
            <mcpw-json-diff
              .diff=${diff}
              .form=${model.diffForm}
              .ignoresVolatile=${model.ignoresVolatile}
              .label=${'Recorded result and new result'}
            ></mcpw-json-diff>`
        : nothing
    }
    ${
      result === undefined
        ? nothing
        : html`<p class="replay-note">There is no recorded result to compare this with.</p>
            <pre class="raw" tabindex="0" aria-label="New result">${shown(result)}</pre>`
    }
  </section>`;
}

/** `84 ms, recorded 212 ms`. */
function factsOf({ durationMs, recordedMs }: ReplayOutcome): string {
  if (durationMs === undefined) return '';
  const now = duration(durationMs);
  return recordedMs === undefined ? now : `${now}, recorded ${duration(recordedMs)}${ratio(durationMs, recordedMs)}`;
}

function ratio(now: number, before: number): string {
  if (now < 1 || before < 1) return '';
  const times = now / before;
  if (times >= 1.5) return `, ${times.toFixed(1)} times as long`;
  return times <= 1 / 1.5 ? `, ${(1 / times).toFixed(1)} times as fast` : '';
}

function differencesText({ added, removed, changed }: NonNullable<ReplayOutcome['diff']>): string {
  const parts = [
    changed > 0 ? `${changed} changed` : '',
    added > 0 ? `${added} added` : '',
    removed > 0 ? `${removed} removed` : '',
  ].filter(Boolean);
  return parts.length === 0 ? 'No difference' : parts.join(', ');
}
