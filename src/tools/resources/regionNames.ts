/** Code and name of the Regions of each partition that we know. New ones appear between our releases. */
const partitions: Readonly<Record<string, readonly (readonly [code: string, name: string])[]>> = {
  aws: [
    ['us-east-1', 'N. Virginia'],
    ['us-east-2', 'Ohio'],
    ['us-west-1', 'N. California'],
    ['us-west-2', 'Oregon'],
    ['eu-central-1', 'Frankfurt'],
    ['eu-central-2', 'Zurich'],
    ['eu-north-1', 'Stockholm'],
    ['eu-south-1', 'Milan'],
    ['eu-south-2', 'Spain'],
    ['eu-west-1', 'Ireland'],
    ['eu-west-2', 'London'],
    ['eu-west-3', 'Paris'],
    ['ap-east-1', 'Hong Kong'],
    ['ap-east-2', 'Taipei'],
    ['ap-northeast-1', 'Tokyo'],
    ['ap-northeast-2', 'Seoul'],
    ['ap-northeast-3', 'Osaka'],
    ['ap-south-1', 'Mumbai'],
    ['ap-south-2', 'Hyderabad'],
    ['ap-southeast-1', 'Singapore'],
    ['ap-southeast-2', 'Sydney'],
    ['ap-southeast-3', 'Jakarta'],
    ['ap-southeast-4', 'Melbourne'],
    ['ap-southeast-5', 'Malaysia'],
    ['ap-southeast-6', 'New Zealand'],
    ['ap-southeast-7', 'Thailand'],
    ['af-south-1', 'Cape Town'],
    ['ca-central-1', 'Canada Central'],
    ['ca-west-1', 'Calgary'],
    ['il-central-1', 'Tel Aviv'],
    ['me-central-1', 'UAE'],
    ['me-south-1', 'Bahrain'],
    ['mx-central-1', 'Mexico Central'],
    ['sa-east-1', 'São Paulo'],
  ],
  'aws-eusc': [['eusc-de-east-1', 'Brandenburg']],
  'aws-cn': [
    ['cn-north-1', 'Beijing'],
    ['cn-northwest-1', 'Ningxia'],
  ],
  'aws-us-gov': [
    ['us-gov-east-1', 'US-East'],
    ['us-gov-west-1', 'US-West'],
  ],
};

/**
 * Codes and names of the Regions of a partition, empty for one that we do not know.
 * Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
export function regionsOf(partition: string): readonly (readonly [code: string, name: string])[] {
  return Object.hasOwn(partitions, partition) ? (partitions[partition] ?? []) : [];
}
