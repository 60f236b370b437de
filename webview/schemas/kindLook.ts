import type { OfferedKind } from '../../src/protocol/offeredKinds';
import type { SchemaServer } from '../../src/protocol/schemas';
import type { IconName } from '../ui/codicons';

/** How each kind of item is shown and said. */
export const kindLook: Readonly<Record<OfferedKind, { icon: IconName; one: string; many: string }>> = {
  tools: { icon: 'tools', one: 'tool', many: 'tools' },
  prompts: { icon: 'comment', one: 'prompt', many: 'prompts' },
  resources: { icon: 'file', one: 'resource', many: 'resources' },
  resourceTemplates: { icon: 'symbol-variable', one: 'resource template', many: 'resource templates' },
};

/** The state of a server in words. */
export const stateWords: Readonly<Record<SchemaServer['state'], string>> = {
  stopped: 'Stopped',
  starting: 'Starting',
  ready: 'Running',
  failed: 'Failed',
  needsSignIn: 'Needs a sign-in',
  recorded: 'From the traffic',
};
