/** What servers offer, in the order in which it is shown. Stands apart from the messages, whose checks the page needs not. */
export const offeredKinds = ['tools', 'prompts', 'resources', 'resourceTemplates'] as const;

export type OfferedKind = (typeof offeredKinds)[number];
