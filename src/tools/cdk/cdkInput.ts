import * as z from 'zod';

/** Input fields that both tools share. */
export const cdkAppInput = {
  app: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe('Folder with the cdk.json, relative to the workspace folder. Needed only where there are several apps.'),
  context: z
    .record(
      z
        .string()
        .min(1)
        .max(256)
        .refine((key) => !key.startsWith('aws:'), 'keys that begin with aws: are reserved by CDK'),
      z.string().max(8192),
    )
    .default({})
    .describe('Context values, like `--context key=value` of the CDK CLI.'),
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be a 12-digit account id')
    .optional()
    .describe('Account for apps that read CDK_DEFAULT_ACCOUNT. No credentials are used.'),
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'must be a region code such as eu-west-1')
    .optional()
    .describe('Region for apps that read CDK_DEFAULT_REGION.'),
};
