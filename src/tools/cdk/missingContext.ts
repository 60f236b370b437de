import { WorkbenchError } from '../../core/errors';
import type { CdkApp } from './cdkApp';
import type { MissingContext } from './cdkToolkit';

const maxShown = 5;

/** Says which lookups an app still needs, e.g. `vpc-provider (account 123456789012, region eu-west-1, …)`. */
export function describeMissing(missing: readonly MissingContext[]): string {
  const shown = missing.slice(0, maxShown).map(({ provider, props }) => {
    const values = Object.entries(props)
      .filter(([name, value]) => name !== 'lookupRoleArn' && value !== undefined)
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
    return `${provider} (${values.join(', ')})`.slice(0, 300);
  });
  const more = missing.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** The error of an app that cannot be synthesised without asking AWS. */
export function missingContextError(app: CdkApp, missing: readonly MissingContext[]): WorkbenchError {
  return new WorkbenchError(
    'InvalidInput',
    `The app looks up ${missing.length} value(s) in AWS that its cdk.context.json does not have: ${describeMissing(missing)}.`,
    {
      remedy: `Run \`cdk synth\` once in ${app.name} with credentials for that account, or bring its cdk.context.json up to date; it is made to be committed.`,
    },
  );
}
