/** Services whose endpoints speak MCP behind AWS Signature Version 4. */
export const signedServices = ['lambda', 'execute-api', 'bedrock-agentcore'] as const;

export type SignedService = (typeof signedServices)[number];
