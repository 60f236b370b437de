/** Regions of one partition, as `code name` pairs. */
export interface PartitionRegions {
  /** Name of the partition for people. */
  label: string;
  regions: readonly { code: string; name: string }[];
}

const names: Record<string, Record<string, string>> = {
  AWS: {
    'us-east-1': 'N. Virginia',
    'us-east-2': 'Ohio',
    'us-west-1': 'N. California',
    'us-west-2': 'Oregon',
    'eu-central-1': 'Frankfurt',
    'eu-central-2': 'Zurich',
    'eu-north-1': 'Stockholm',
    'eu-south-1': 'Milan',
    'eu-south-2': 'Spain',
    'eu-west-1': 'Ireland',
    'eu-west-2': 'London',
    'eu-west-3': 'Paris',
    'ap-east-1': 'Hong Kong',
    'ap-east-2': 'Taipei',
    'ap-northeast-1': 'Tokyo',
    'ap-northeast-2': 'Seoul',
    'ap-northeast-3': 'Osaka',
    'ap-south-1': 'Mumbai',
    'ap-south-2': 'Hyderabad',
    'ap-southeast-1': 'Singapore',
    'ap-southeast-2': 'Sydney',
    'ap-southeast-3': 'Jakarta',
    'ap-southeast-4': 'Melbourne',
    'ap-southeast-5': 'Malaysia',
    'ap-southeast-6': 'New Zealand',
    'ap-southeast-7': 'Thailand',
    'af-south-1': 'Cape Town',
    'ca-central-1': 'Canada Central',
    'ca-west-1': 'Calgary',
    'il-central-1': 'Tel Aviv',
    'me-central-1': 'UAE',
    'me-south-1': 'Bahrain',
    'mx-central-1': 'Mexico Central',
    'sa-east-1': 'São Paulo',
  },
  'AWS European Sovereign Cloud': { 'eusc-de-east-1': 'Brandenburg' },
  'AWS China': { 'cn-north-1': 'Beijing', 'cn-northwest-1': 'Ningxia' },
  'AWS GovCloud (US)': { 'us-gov-east-1': 'US-East', 'us-gov-west-1': 'US-West' },
};

/**
 * The Regions that we know by name. New ones appear between our releases, so every place that offers these also takes
 * a code that is typed.
 * Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
export const partitionRegions: readonly PartitionRegions[] = Object.entries(names).map(([label, regions]) => ({
  label,
  regions: Object.entries(regions).map(([code, name]) => ({ code, name })),
}));

/** Whether `text` has the form of a Region code. */
export function isRegionCode(text: string): boolean {
  return /^[a-z]{2,}(-[a-z]+)+-\d$/.test(text);
}
