/** The Regions of one partition. */
export interface PartitionRegions {
  /** As it stands in ARNs, e.g. `aws-cn`. */
  partition: string;
  /** Its name for people. */
  label: string;
  /** Code and name of each Region. */
  regions: readonly (readonly [code: string, name: string])[];
}

/**
 * The Regions that we know by name. New ones appear between our releases, so every place that offers these also takes
 * a code that is typed.
 * Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
export const partitionRegions: readonly PartitionRegions[] = [
  {
    partition: 'aws',
    label: 'AWS',
    regions: [
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
  },
  {
    partition: 'aws-eusc',
    label: 'AWS European Sovereign Cloud',
    regions: [['eusc-de-east-1', 'Brandenburg']],
  },
  {
    partition: 'aws-cn',
    label: 'AWS China',
    regions: [
      ['cn-north-1', 'Beijing'],
      ['cn-northwest-1', 'Ningxia'],
    ],
  },
  {
    partition: 'aws-us-gov',
    label: 'AWS GovCloud (US)',
    regions: [
      ['us-gov-east-1', 'US-East'],
      ['us-gov-west-1', 'US-West'],
    ],
  },
];
