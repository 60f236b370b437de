import { html, nothing, type TemplateResult } from 'lit';
import type { AwsRequest } from '../../src/core/awsRequest';
import { clockTime, exactTime, milliseconds, plainMilliseconds, shown } from '../format';
import { iconButton } from '../ui/controls';
import { icon } from '../ui/icons';

/** The requests that a call made to AWS, in the order in which they began. */
export function awsTableTemplate(requests: readonly AwsRequest[], onCopy: (text: string) => void): TemplateResult {
  if (requests.length === 0) return html`<p class="quiet empty">This call made no requests to AWS.</p>`;
  const ordered = [...requests].sort((left, right) => left.startedAt - right.startedAt);
  return html`<div class="table-frame" tabindex="0" role="region" aria-label="AWS requests">
    <table class="aws">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Operation</th>
          <th scope="col">Result</th>
          <th scope="col" class="number">ms</th>
          <th scope="col" class="number">Attempts</th>
          <th scope="col">Account</th>
          <th scope="col">Region</th>
          <th scope="col" class="request-id">Request id</th>
        </tr>
      </thead>
      <tbody>
        ${ordered.map(
          (aws) =>
            html`<tr>
              <td class="quiet" title=${exactTime(aws.startedAt)}>
                ${clockTime(aws.startedAt)}${milliseconds(aws.startedAt)}
              </td>
              <td><span class="quiet">${shown(aws.service)}.</span>${shown(aws.operation)}</td>
              <td>${resultOf(aws)}</td>
              <td class="number">${plainMilliseconds(aws.durationMs)}</td>
              <td class="number">${aws.attempts}</td>
              <td>${shown(aws.account)}</td>
              <td>${shown(aws.region)}</td>
              <td class="request-id">
                ${
                  aws.requestId === undefined
                    ? nothing
                    : html`<div>
                        <code title=${shown(aws.requestId)}>${shown(aws.requestId)}</code>
                        ${iconButton({
                          icon: 'copy',
                          label: 'Copy the request id',
                          onClick: () => onCopy(aws.requestId ?? ''),
                        })}
                      </div>`
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function resultOf({ errorName, httpStatus }: AwsRequest): TemplateResult {
  return errorName === undefined
    ? html`<span class="state ok">${icon('check')}${httpStatus ?? 'OK'}</span>`
    : html`<span class="state failed">${icon('error')}${shown(errorName)}</span>`;
}
