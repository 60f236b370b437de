import * as z from 'zod';
import { partitionRegions } from '../../aws/regions';
import { defineAwsTool } from '../tool';

/** The Regions of the partition that the caller is in. It asks AWS only who the caller is. */
export const listRegions = defineAwsTool({
  name: 'aws_list_regions',
  title: 'List regions',
  description:
    'Lists the Regions of the partition that the tools act in, and which one is current. Whether the account has enabled a Region is not said.',
  toolset: 'aws',
  access: 'read',
  openWorld: false,
  iamActions: ['sts:GetCallerIdentity'],
  input: z.object({}),
  output: z.object({
    partition: z.string().describe('Such as aws or aws-cn.'),
    currentRegion: z.string(),
    regions: z.array(z.object({ regionName: z.string(), displayName: z.string() })),
  }),
  resources: () => [],
  async run(_input, { aws }) {
    const partition = aws.arn.split(':')[1] ?? 'aws';
    const { region } = aws.identity;
    const { regions = [] } = partitionRegions.find((one) => one.partition === partition) ?? {};
    const known = regions.map(([regionName, displayName]) => ({ regionName, displayName }));
    // A Region that is newer than we are is in no list of ours, and still the one that is used.
    const isKnown = known.some(({ regionName }) => regionName === region);
    return {
      partition,
      currentRegion: region,
      regions: isKnown ? known : [...known, { regionName: region, displayName: region }],
    };
  },
});
