import { cdkChanges } from './cdkChanges';
import { explainFunction } from './explainFunction';
import { explainStackFailure } from './explainStackFailure';
import { failedStacks } from './failedStacks';
import type { PromptDefinition } from './prompt';
import { reviewTemplate } from './reviewTemplate';

/** The prompts, in the order in which clients list them. */
export const awsPrompts: readonly PromptDefinition[] = [
  explainStackFailure,
  failedStacks,
  reviewTemplate,
  explainFunction,
  cdkChanges,
];
