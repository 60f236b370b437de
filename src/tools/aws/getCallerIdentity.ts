import * as z from 'zod';
import { isoDate } from '../isoDate';
import { defineAwsTool } from '../tool';

/** `sts:GetCallerIdentity`; source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const getCallerIdentity = defineAwsTool({
  name: 'aws_get_caller_identity',
  title: 'Get caller identity',
  description:
    'Tells which AWS account, role and region the tools act as, asking AWS itself. Use it before work whose account matters, or when access is denied.',
  toolset: 'aws',
  access: 'read',
  openWorld: false,
  iamActions: ['sts:GetCallerIdentity'],
  input: z.object({}),
  output: z.object({
    account: z.string().describe('Account id.'),
    arn: z.string().describe('ARN of the user or assumed role.'),
    userId: z.string().describe('Unique id of the user or role session.'),
    expiration: z.string().optional().describe('When the credentials end; absent where they do not.'),
  }),
  resources: () => [],
  async run(_input, { aws, signal }) {
    const sts = await aws.client('sts');
    const { Account = '', Arn = '', UserId = '' } = await sts.getCallerIdentity({}, { abortSignal: signal });
    const { expiration } = await aws.credentials();
    return { account: Account, arn: Arn, userId: UserId, expiration: isoDate(expiration) };
  },
});
